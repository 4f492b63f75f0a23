import type { Dispatcher } from 'undici'
import { DirectTokens } from './call/direct.ts'
import { outgoing, scopeList, type CallAnswer, type CallRequest } from './call/request.ts'
import { RetryBudget } from './call/retry-budget.ts'
import { send, type Sending } from './call/send.ts'
import { systemClock, type Clock } from './clock.ts'
import type { Caller } from './guard/caller.ts'
import { untilCallerLeaves } from './guard/leaving.ts'

export { CallError, type CallErrorCode } from './call/error.ts'
export type { CallAnswer, CallRequest } from './call/request.ts'

/**
 * Calls another service on the caller's behalf, through the internal door, which narrows the caller's token
 * for the callee. Gives the answer for 2xx and for 4xx that are the callee's own business (404, 409, 422 …).
 * It takes no longer than the caller waits, and stops when the caller leaves, unless it is `detached`.
 * @param to Name of the service, as in the edges of the configuration.
 * @throws CallError for everything else; TypeError for wrong use.
 */
export type Call = (caller: Caller, to: string, request: CallRequest) => Promise<CallAnswer>

export interface CallOptions {
  /** Connections to the internal door: mTLS as this workload, pinned to the gateway's identity. */
  readonly door: Dispatcher
  /** Services that are connected to directly, by name; each pinned to the service's identity. */
  readonly direct?: ReadonlyMap<string, Dispatcher>
  /** For the life of exchanged tokens. */
  readonly clock?: Clock
  /** Largest answer in bytes. Default 1 MiB. */
  readonly maxAnswerBytes?: number
}

const defaultTimeoutMs = 5_000
const defaultMaxAnswerBytes = 1024 * 1024
/** Kept for the way back of an answer, so that the caller hears of a timeout before it is one itself. */
const wayBackMs = 20

export function createCall(options: CallOptions): Call {
  const {
    door,
    direct = new Map<string, Dispatcher>(),
    maxAnswerBytes: maxBytes = defaultMaxAnswerBytes,
  } = options
  const tokens = new DirectTokens(door, options.clock ?? systemClock)
  const budget = new RetryBudget()
  return async (caller, to, request) => {
    const { headers, ...rest } = outgoing(to, request)
    const scopes = request.scopes === undefined ? undefined : scopeList(request.scopes)
    if (caller.traceparent !== undefined) headers['traceparent'] = caller.traceparent
    const leaving = request.detached === true ? undefined : untilCallerLeaves(caller)
    const sending: Sending = {
      to,
      timeoutMs: timeLeft(caller, request),
      signals: signals(request, leaving),
      maxBytes,
      budget,
    }
    const pool = direct.get(to)
    try {
      if (pool !== undefined) {
        headers['authorization'] = `Bearer ${await tokens.get(caller, request.scopes, sending)}`
        return await send(pool, { ...rest, headers }, { ...sending, timeoutMs: timeLeft(caller, request) })
      }
      headers['authorization'] = `Bearer ${caller.token}`
      if (scopes !== undefined) headers['gatehouse-scope'] = scopes
      return await send(door, { ...rest, headers, path: `/${to}${request.path}` }, sending)
    } finally {
      leaving?.forget()
    }
  }
}

function timeLeft(caller: Caller, request: CallRequest): number {
  const own = request.timeoutMs ?? defaultTimeoutMs
  if (caller.deadline === undefined || request.detached === true) return own
  return Math.min(own, caller.deadline - wayBackMs - performance.now())
}

function signals(
  request: CallRequest,
  leaving: { readonly signal: AbortSignal } | undefined,
): readonly AbortSignal[] {
  return [request.signal, leaving?.signal].filter((signal) => signal !== undefined)
}
