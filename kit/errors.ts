/** The closed table of what can go wrong on the wire. `docs/errors.md` mirrors it, held by a test. */
export const problems = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_path: { status: 400, title: 'The path is not in canonical form' },
  invalid_host: { status: 400, title: 'The request must carry exactly one valid Host' },
  login_failed: { status: 400, title: 'The sign-in could not be completed' },
  missing_credentials: { status: 401, title: 'Credentials are required' },
  invalid_token: { status: 401, title: 'The token is not valid' },
  insufficient_user_authentication: {
    status: 401,
    title: 'A stronger or more recent sign-in is needed',
  },
  invalid_dpop_proof: { status: 401, title: 'The proof of possession is not valid' },
  use_dpop_nonce: { status: 401, title: 'The proof of possession must carry a nonce of the server' },
  no_session: { status: 401, title: 'There is no session' },
  insufficient_scope: { status: 403, title: 'The token does not carry the scope that is needed' },
  insufficient_role: { status: 403, title: 'The caller does not have the role that is needed' },
  csrf_rejected: { status: 403, title: 'The request was not proven to come from this site' },
  forbidden: { status: 403, title: 'This is not allowed' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'The request conflicts with the present state' },
  out_of_stock: { status: 409, title: 'There is not enough in stock' },
  precondition_failed: { status: 412, title: 'What you expect to change has changed meanwhile' },
  body_too_large: { status: 413, title: 'The body is too large' },
  uri_too_long: { status: 414, title: 'The URL is too long' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  unknown_host: { status: 421, title: 'This host is not served here' },
  validation_failed: { status: 422, title: 'The input is not valid' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal_error: { status: 500, title: 'Something went wrong here' },
  bad_gateway: { status: 502, title: 'The service gave an unusable answer' },
  upstream_unavailable: { status: 503, title: 'The service is not available' },
  store_unavailable: { status: 503, title: 'The store is not available' },
  revocation_stale: { status: 503, title: 'What was taken away is not known for the moment' },
  overloaded: { status: 503, title: 'There is too much to do' },
  not_ready: { status: 503, title: 'Not ready yet' },
  gateway_timeout: { status: 504, title: 'The service took too long to answer' },
} as const satisfies Record<string, { status: number; title: string }>

/** What callers branch on; messages are for people and are never compared. */
export type ProblemCode = keyof typeof problems

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(problems, text)
}

/** One wrong field of an input: where, and what was expected. */
export interface FieldFault {
  /** Left out: in the body. */
  readonly in?: 'path' | 'query' | 'header'
  /** JSON Pointer (RFC 6901). */
  readonly path: string
  readonly message: string
}

export interface ProblemOptions {
  /** Shown to the caller: never a library's text, never a secret. */
  readonly detail?: string | undefined
  /** Response headers that belong to the problem (`www-authenticate`, `retry-after`, `allow`). */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly faults?: readonly FieldFault[] | undefined
  /** Further members of the body (RFC 9457 section 3.2), shown to the caller. */
  readonly members?: Readonly<Record<string, string>> | undefined
  /** For the log only. */
  readonly cause?: unknown
}

export const problemMediaType = 'application/problem+json'

/** An error that the caller gets to see, as RFC 9457 problem details. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly status: number
  readonly detail: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly faults: readonly FieldFault[]
  readonly members: Readonly<Record<string, string>>

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? problems[code].title, { cause: options.cause })
    this.code = code
    this.status = problems[code].status
    this.detail = options.detail
    this.headers = options.headers ?? {}
    this.faults = options.faults ?? []
    this.members = options.members ?? {}
  }
}

/**
 * The body of an error answer, RFC 9457 section 3, to be sent as `application/problem+json`.
 * `code`, `txn` and `errors` are extension members (section 3.2).
 */
export function problemJson(problem: Problem, txn: string): string {
  return JSON.stringify({
    ...problem.members,
    type: `urn:gatehouse:problem:${problem.code}`,
    title: problems[problem.code].title,
    status: problem.status,
    code: problem.code,
    detail: problem.detail,
    txn,
    errors: problem.faults.length > 0 ? problem.faults : undefined,
  })
}

/** Why a part cannot start, in one line for the operator, and what to do about it. Shown without a stack. */
export class StartError extends Error {
  override readonly name: string = 'StartError'
  readonly hint: string

  constructor(message: string, options: { readonly hint: string; readonly cause?: unknown }) {
    super(message, { cause: options.cause })
    this.hint = options.hint
  }
}
