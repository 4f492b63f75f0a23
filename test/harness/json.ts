/** One field of a JSON value that came from outside, as text; an error when it is not there. */
export function textField(value: unknown, name: string): string {
  const field = isRecord(value) ? value[name] : undefined
  if (typeof field !== 'string') throw new Error(`expected a text "${name}" in ${JSON.stringify(value)}`)
  return field
}

/** One field of a JSON value as a list; an error when it is not one. */
export function listField(value: unknown, name: string): readonly unknown[] {
  const field = isRecord(value) ? value[name] : undefined
  if (!Array.isArray(field)) throw new Error(`expected a list "${name}" in ${JSON.stringify(value)}`)
  return field
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a JWT says, without any check of it: tests look, they do not trust. */
export function jwtParts(token: string): {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
} {
  const [header, payload] = token.split('.', 2).map((part) => {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return isRecord(value) ? value : {}
  })
  return { header: header ?? {}, payload: payload ?? {} }
}
