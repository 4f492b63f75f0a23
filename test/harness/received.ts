import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { http } from '@gatehouse/kit/http/node-http'

/** A request as a server of this process got it, before any handler saw it. */
export interface Received {
  readonly method: string
  /** The request target as sent, query included. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Names and values in turn, as they came over the wire: for counting and for upper and lower case. */
  readonly rawHeaders: readonly string[]
}

const channel = 'http.server.request.start'
const mostKept = 1000

/**
 * Keeps what every HTTP server of this process receives, by port. Node itself publishes it, so production code needs
 * no hook. The oldest are dropped behind 1000 a port.
 */
export class ReceivedRequests {
  readonly #byPort = new Map<number, Received[]>()

  readonly #onStart = (message: unknown): void => {
    if (!isRequestStart(message)) return
    const { request } = message
    const { localPort } = request.socket
    if (localPort === undefined) return
    const list = this.#byPort.get(localPort) ?? []
    this.#byPort.set(localPort, list)
    list.push({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      rawHeaders: request.rawHeaders,
    })
    if (list.length > mostKept) list.shift()
  }

  constructor() {
    subscribe(channel, this.#onStart)
  }

  at(port: number): readonly Received[] {
    return [...(this.#byPort.get(port) ?? [])]
  }

  clear(): void {
    this.#byPort.clear()
  }

  stop(): void {
    unsubscribe(channel, this.#onStart)
  }
}

function isRequestStart(message: unknown): message is { readonly request: IncomingMessage } {
  return (
    typeof message === 'object' &&
    message !== null &&
    'request' in message &&
    message.request instanceof http.IncomingMessage
  )
}
