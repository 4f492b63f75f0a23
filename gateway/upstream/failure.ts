import { Problem, type ProblemCode } from '@gatehouse/kit/errors'

const byCode: ReadonlyMap<string, ProblemCode> = new Map([
  ['ECONNREFUSED', 'upstream_unavailable'],
  ['EHOSTUNREACH', 'upstream_unavailable'],
  ['ENETUNREACH', 'upstream_unavailable'],
  ['ENOTFOUND', 'upstream_unavailable'],
  ['EAI_AGAIN', 'upstream_unavailable'],
  ['UND_ERR_CONNECT_TIMEOUT', 'upstream_unavailable'],
  ['UND_ERR_CLOSED', 'upstream_unavailable'],
  ['UND_ERR_DESTROYED', 'upstream_unavailable'],
  ['UND_ERR_HEADERS_TIMEOUT', 'gateway_timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'gateway_timeout'],
])

/** What the caller gets to see of a failure on the way to a service: never an address, never a library's words. */
export function upstreamProblem(error: Error): Problem {
  if (error instanceof Problem) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return new Problem(byCode.get(code) ?? 'bad_gateway', { cause: error })
}
