import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Problem } from '@gatehouse/kit/errors'
import type { ResponseHeaders } from './response-headers.ts'
import type { Timing } from './timing.ts'
import type { Upstream } from './upstream.ts'

/** One request on its way to a service, and where the answer goes. */
export interface Forwarding {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly upstream: Upstream
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** What the service gets, flat: name, value, name, value. */
  readonly headers: string[]
  /** Where it has been read already; undefined: it is passed on as it comes. */
  readonly body?: Buffer | undefined
  /** Largest body that is passed on. */
  readonly bodyBytes: number
  /** Most that a coded body may unpack to; undefined: it is not measured. */
  readonly inflatedBytes?: number | undefined
  readonly timing: Timing
  /** What should stay on one target, where the upstream is balanced by hash. */
  readonly key?: string | undefined
  /** The service's headers that the caller gets. */
  readonly responseHeaders: ResponseHeaders
  /** What becomes of `Location` and `Content-Location`; undefined from it: dropped. */
  readonly relocate?: ((url: string) => string | undefined) | undefined
  /** What every answer carries, flat; where the service may send one of them itself, its own comes instead. */
  readonly ownHeaders: readonly string[]
  /** Called once. */
  ended(end: ForwardEnd): void
  /**
   * The request asks for a WebSocket; called with the service's side of it and its headers (name, value, name, value)
   * once it agreed, and then `ended`. @returns why the answer is no good.
   */
  readonly upgraded?:
    ((service: Duplex, headers: readonly (Buffer | string)[]) => Problem | undefined) | undefined
}

/** A request that has been forwarded. */
export interface Ongoing {
  readonly isOver: boolean
  /** Ends it before its time, if it has not ended: with the problem as answer, or cut when the answer has begun. */
  end(problem: Problem): void
}

export type ForwardEnd =
  /** The whole answer was handed to the caller's connection. */
  | { readonly kind: 'answered'; readonly status: number; readonly bytes: number }
  /** Nothing was written: whoever asked answers with the problem. */
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** The answer broke off, and the caller's connection was cut so that it does not look whole. */
  | { readonly kind: 'cut'; readonly status: number; readonly bytes: number; readonly problem: Problem }
  /** The caller went away; the service's connection was closed. */
  | { readonly kind: 'abandoned'; readonly status: number; readonly bytes: number }

/**
 * How requests get to services. It repeats only what does no harm twice (repeatable.ts), and never buffers more than a
 * chunk of either body.
 */
export interface Forwarder {
  forward(forwarding: Forwarding): Ongoing
}
