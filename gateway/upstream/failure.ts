import { Problem, type ProblemCode } from '@gatehouse/kit/errors'

const byCode: ReadonlyMap<string, ProblemCode> = new Map([
  ['ECONNREFUSED', 'upstream_unavailable'],
  ['EHOSTUNREACH', 'upstream_unavailable'],
  ['ENETUNREACH', 'upstream_unavailable'],
  ['ENOTFOUND', 'upstream_unavailable'],
  ['EAI_AGAIN', 'upstream_unavailable'],
  ['ETIMEDOUT', 'upstream_unavailable'],
  ['UND_ERR_CONNECT_TIMEOUT', 'upstream_unavailable'],
  ['UND_ERR_CLOSED', 'upstream_unavailable'],
  ['UND_ERR_DESTROYED', 'upstream_unavailable'],
  ['UND_ERR_HEADERS_TIMEOUT', 'gateway_timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'gateway_timeout'],
  ['UND_ERR_INVALID_ARG', 'invalid_request'],
  ['UND_ERR_NOT_SUPPORTED', 'invalid_request'],
])

const comeBack = { 'retry-after': '1' }

/** What the caller gets to see of a failure on the way to a service: never an address, never a library's words. */
export function upstreamProblem(error: Error): Problem {
  if (error instanceof Problem) return error
  const code =
    byCode.get('code' in error && typeof error.code === 'string' ? error.code : '') ?? 'bad_gateway'
  return new Problem(code, { cause: error, headers: code === 'upstream_unavailable' ? comeBack : {} })
}
