import type { Dispatcher } from 'undici'
import { outgoing, scopeList, type CallAnswer, type CallRequest } from './request.ts'
import { RetryBudget } from './retry-budget.ts'
import { send } from './send.ts'

/**
 * Calls another service on this workload's own behalf, for work without a caller: recovery, clean-up, reports. The
 * internal door mints a token whose `sub` is the workload's SPIFFE ID, with the `ownScopes` of the edge.
 * @throws CallError; TypeError for wrong use.
 */
export type OwnCall = (to: string, request: CallRequest) => Promise<CallAnswer>

/** Written out, so that a forgotten token is a refusal and not a call with the workload's own authority. */
export const behalfHeader = 'gatehouse-behalf'

const defaultTimeoutMs = 5_000
const maxBytes = 1024 * 1024

/** @param options.door connections to the internal door: mTLS as this workload, pinned to the gateway's identity. */
export function createOwnCall(options: { readonly door: Dispatcher }): OwnCall {
  const budget = new RetryBudget()
  return async (to, request) => {
    const { headers, ...rest } = outgoing(to, request)
    headers[behalfHeader] = 'own'
    if (request.scopes !== undefined) headers['gatehouse-scope'] = scopeList(request.scopes)
    const signals = request.signal === undefined ? [] : [request.signal]
    const timeoutMs = request.timeoutMs ?? defaultTimeoutMs
    const sent = { ...rest, headers, path: `/${to}${request.path}` }
    return send(options.door, sent, { to, timeoutMs, signals, maxBytes, budget })
  }
}
