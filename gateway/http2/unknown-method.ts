import { Problem, problemJson, problemMediaType } from '@gatehouse/kit/errors'
import { http } from '@gatehouse/kit/http/node-http'
import { newTxn } from '@gatehouse/kit/http/txn'
import type { Logger } from '@gatehouse/kit/log'
import type { StreamRequest } from './request.ts'
import type { StreamResponse } from './response.ts'

const known: ReadonlySet<string> = new Set(http.METHODS)

/** In HTTP/1.1 a request with another method comes no further than the parser; no route can be made for it, not even for all. */
export function isKnownMethod({ method }: StreamRequest): boolean {
  return known.has(method)
}

/** Answers as a request is answered that the parser refuses. */
export function refuseMethod(response: StreamResponse, log: Logger): void {
  const problem = new Problem('invalid_request')
  const txn = newTxn()
  log.info({ txn, code: problem.code }, 'request refused for its method')
  const body = problemJson(problem, txn)
  response.writeHead(problem.status, {
    'content-type': problemMediaType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(body)
}
