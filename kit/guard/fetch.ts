import { Problem, problemJson, problemMediaType } from '../errors.ts'
import { newTxn } from '../http/txn.ts'
import type { Caller } from './caller.ts'
import type { Guard } from './guard.ts'
import type { Demand } from './node.ts'
import { admit, compileRule } from './rule.ts'

/** The guard for servers that speak `Request` and `Response`. */
export interface FetchGuard {
  /**
   * @param request as it came, with its `Authorization`.
   * @param presenter SPIFFE ID of the TLS peer, as your server or the proxy in front proved it: the token must name it.
   * @throws Problem (401, 403, 503): answer it with {@link problemResponse}.
   */
  (request: Request, presenter: string | undefined): Promise<Caller>
}

/**
 * The guard as a fetch-style function. A `Request` knows nothing of its connection, so whoever serves says who the TLS
 * peer is; a server that does not know must not guess, and is refused.
 * @throws TypeError at once for a demand that is none.
 */
export function requireCallerOf(guard: Guard, demand: Demand): FetchGuard {
  const rule = compileRule(demand, 'requireCallerOf')
  if (rule === 'public') throw new TypeError('requireCallerOf: a public route has no caller to ask for')
  return async (request, presenter) => {
    const caller = await guard.authenticateHeaders(request.headers, presenter)
    admit(caller, rule)
    return caller
  }
}

/** @throws what was thrown, when it is no Problem: it is not for the caller to see. */
export function problemResponse(thrown: unknown, txn: string = newTxn()): Response {
  if (!(thrown instanceof Problem)) throw thrown
  const headers = { ...thrown.headers, 'content-type': problemMediaType, 'cache-control': 'no-store' }
  return new Response(problemJson(thrown, txn), { status: thrown.status, headers })
}
