import type { IncomingMessage } from 'node:http'
import type { Problem } from '@gatehouse/kit/errors'
import type { Caller } from '../authn/caller.ts'
import type { RateState } from '../limits/limiter.ts'
import type { Route } from '../routing/route.ts'

/** What the stages know of a request. Only the runner writes it, from what they return. */
export interface RequestContext {
  readonly request: IncomingMessage
  readonly txn: string
  /** Of the caller: from the socket, or from a trusted proxy. */
  readonly address: string
  readonly route: Route
  /** Decoded, by the names in the route. */
  readonly params: Readonly<Record<string, string>>
  /** undefined until one is proven, and for routes that ask for none. */
  caller: Caller | undefined
  rate: RateState | undefined
  /** The internal token for the service. */
  token: string | undefined
  /** The transaction that the token was minted in, where that was not this one. */
  tokenTxn: string | undefined
  /** Where a stage had to read it: the service gets these bytes. */
  body: Buffer | undefined
}

/** What it takes to judge whether a caller may. */
export type Judged = Pick<RequestContext, 'caller' | 'route'>

/** What a stage found out. */
export interface Finding {
  readonly caller?: Caller
  readonly rate?: RateState
  readonly token?: string
  readonly tokenTxn?: string
  readonly body?: Buffer
}

/** A problem ends the request; nothing means that the stage has no objection. */
export type StageResult = Problem | Finding | undefined

/** One check or one step. It returns values, and touches neither the context nor the answer. */
export type Stage = (context: RequestContext) => StageResult | Promise<StageResult>
