import { Problem, type ProblemCode } from '../errors.ts'
import { isStoreError } from '../store/errors.ts'
import { fieldFault, type SchemaViolation } from './validation-faults.ts'

/** Fastify's own error codes whose status alone does not say which problem it is. */
const byLibraryCode: ReadonlyMap<string, ProblemCode> = new Map([
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'malformed_json'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'malformed_json'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'invalid_request'],
  ['FST_ERR_BAD_URL', 'invalid_path'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'uri_too_long'],
])

const byStatus: ReadonlyMap<number, ProblemCode> = new Map([
  [400, 'invalid_request'],
  [401, 'invalid_token'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [408, 'request_timeout'],
  [409, 'conflict'],
  [412, 'precondition_failed'],
  [413, 'body_too_large'],
  [414, 'uri_too_long'],
  [415, 'unsupported_media_type'],
  [417, 'expectation_failed'],
  [421, 'unknown_host'],
  [422, 'validation_failed'],
  [429, 'rate_limited'],
  [431, 'headers_too_large'],
])

/**
 * Turns whatever was thrown while serving a request into the problem that the caller gets to see. No text of
 * a library's error is taken over; what is not known becomes `internal_error`, with the cause for the log.
 */
export function problemFrom(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  if (!(thrown instanceof Error)) return new Problem('internal_error', { cause: thrown })
  if (isStoreError(thrown)) {
    return new Problem('store_unavailable', { headers: { 'retry-after': '1' }, cause: thrown })
  }
  return validationProblem(thrown) ?? new Problem(codeOf(thrown), { cause: thrown })
}

/** In Fastify's words, and in those of a problem. */
const places: ReadonlyMap<unknown, 'path' | 'query' | 'header'> = new Map([
  ['params', 'path'],
  ['querystring', 'query'],
  ['headers', 'header'],
])

function validationProblem(error: Error): Problem | undefined {
  if (!('validation' in error) || !Array.isArray(error.validation)) return undefined
  const place = 'validationContext' in error ? places.get(error.validationContext) : undefined
  const faults = error.validation
    .filter(isViolation)
    .map((violation) => ({ ...(place === undefined ? {} : { in: place }), ...fieldFault(violation) }))
  const inBody = 'validationContext' in error && error.validationContext === 'body'
  return new Problem(inBody ? 'validation_failed' : 'invalid_request', { faults, cause: error })
}

function isViolation(value: unknown): value is SchemaViolation {
  return (
    typeof value === 'object' &&
    value !== null &&
    'instancePath' in value &&
    typeof value.instancePath === 'string' &&
    'keyword' in value &&
    typeof value.keyword === 'string' &&
    'params' in value &&
    typeof value.params === 'object' &&
    value.params !== null
  )
}

function codeOf(error: Error): ProblemCode {
  const known = 'code' in error && typeof error.code === 'string' ? byLibraryCode.get(error.code) : undefined
  if (known !== undefined) return known
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
  return byStatus.get(status) ?? 'internal_error'
}
