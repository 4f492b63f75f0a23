/** The browser's whole credential. `__Host-`: only this host can have set it, over a secure context, for `/`. */
export const sessionCookie = '__Host-gatehouse'

/** One per sign-in under way, named after its `state`, so that several tabs do not disturb each other. */
export const loginCookiePrefix = '__Host-gatehouse-login-'

/** The pairs of a `Cookie` header in order, doubles included (RFC 6265 section 5.4). Names are compared exactly. */
export function* readCookies(header: string | undefined): Generator<readonly [name: string, value: string]> {
  if (header === undefined) return
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0) yield [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]
  }
}

/** All values under one name. More than one is an attempt to slip in a foreign cookie. */
export function cookieValues(header: string | undefined, name: string): readonly string[] {
  if (header === undefined || !header.includes(name)) return []
  return [...readCookies(header)].filter(([key]) => key === name).map(([, value]) => value)
}

const attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax'

/** @param maxAgeMs life in the browser; without it the cookie goes when the browser closes. */
export function setCookie(name: string, value: string, maxAgeMs?: number): string {
  const maxAge = maxAgeMs === undefined ? '' : `; Max-Age=${Math.ceil(maxAgeMs / 1000)}`
  return `${name}=${value}; ${attributes}${maxAge}`
}

export function clearCookie(name: string): string {
  return `${name}=; ${attributes}; Max-Age=0`
}
