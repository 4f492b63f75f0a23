import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem, problemJson, problemMediaType } from '../errors.ts'
import { newTxn } from '../http/txn.ts'
import type { Caller } from './caller.ts'
import type { Guard } from './guard.ts'
import { admit, compileRule, type RouteGuard } from './rule.ts'

/** What a route demands; `public` makes no sense where a caller is asked for. */
export type Demand = Exclude<RouteGuard, 'public'>

/**
 * The guard as a plain function, for `node:http`, Express and whatever else hands out Node's requests: a request goes in,
 * a proven caller comes out. Make one for each demand at start: a demand that cannot be read is a TypeError there.
 *
 * @throws TypeError at once for a demand that is none.
 * @returns a function that rejects with a Problem (401, 403, 503): answer it with {@link answerProblem}.
 */
export function requireCaller(guard: Guard, demand: Demand): (request: IncomingMessage) => Promise<Caller> {
  const rule = compileRule(demand, 'requireCaller')
  if (rule === 'public') throw new TypeError('requireCaller: a public route has no caller to ask for')
  return async (request) => {
    const caller = await guard.authenticate(request)
    admit(caller, rule)
    return caller
  }
}

/**
 * Answers a refusal as RFC 9457 problem details, with the headers that belong to it.
 * @throws what was thrown, when it is no Problem: it is not for the caller to see.
 */
export function answerProblem(thrown: unknown, response: ServerResponse, txn: string = newTxn()): void {
  if (!(thrown instanceof Problem)) throw thrown
  response.writeHead(thrown.status, {
    ...thrown.headers,
    'content-type': problemMediaType,
    'cache-control': 'no-store',
  })
  response.end(problemJson(thrown, txn))
}
