const secretKey =
  /^(?:.*[_-])?(?:authorization|cookie|set-cookie|dpop|password|passwd|secret|client_secret|clientsecret|assertion|token|tokens|jwt|code|code_verifier|codeverifier|otp|totp|private_?key|master_?key|api_?key|credentials?|jwk)$|(?:Token|Secret|Password|Assertion)$/i

/** Keys that look secret by the pattern and are not. `code` is the stable word of our own errors. */
const plainKeys: ReadonlySet<string> = new Set(['code', 'token_type', 'error_code', 'problem_code'])

const mask = '[redacted]'
const maxDepth = 6

/**
 * Masks the values of secret-looking keys at any depth, for what goes to a log. Returns the same object
 * when nothing had to be masked. Errors are left alone: their serializer takes only name, message and stack.
 */
export function redact(record: Record<string, unknown>): Record<string, unknown> {
  return redactRecord(record, 0)
}

function redactRecord(record: Record<string, unknown>, depth: number): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined
  for (const [key, value] of Object.entries(record)) {
    const clean = isSecretKey(key) ? mask : redactValue(value, depth + 1)
    if (clean === value) continue
    copy ??= { ...record }
    copy[key] = clean
  }
  return copy ?? record
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value
  if (depth > maxDepth) return '[too deep]'
  if (Array.isArray(value)) return redactArray(value, depth)
  return isPlainRecord(value) ? redactRecord(value, depth) : value
}

function redactArray(values: readonly unknown[], depth: number): readonly unknown[] {
  const clean = values.map((value) => redactValue(value, depth))
  return clean.some((value, index) => value !== values[index]) ? clean : values
}

function isSecretKey(key: string): boolean {
  return !plainKeys.has(key) && secretKey.test(key)
}

function isPlainRecord(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
