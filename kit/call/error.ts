/**
 * `refused`: 401 or 403, such as an unknown edge or a missing scope. `unavailable`: nobody answered, or with
 * 429 or 5xx. `timeout`: the deadline passed. `bad_answer`: not HTTP, not JSON, too large, or a redirect.
 * `aborted`: your own signal.
 */
export type CallErrorCode = 'refused' | 'unavailable' | 'timeout' | 'bad_answer' | 'aborted'

export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code: CallErrorCode
  /** Name of the service that was called. */
  readonly to: string
  /** The status that was answered, if one was. */
  readonly status: number | undefined

  constructor(
    code: CallErrorCode,
    to: string,
    options: { status?: number | undefined; cause?: unknown } = {},
  ) {
    super(`calling ${to}: ${code}${options.status === undefined ? '' : ` (${options.status})`}`, {
      cause: options.cause,
    })
    this.code = code
    this.to = to
    this.status = options.status
  }
}

/** The code of a system or client error, or of what caused it; empty without one. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'cause' in error ? errorCode(error.cause) : ''
}
