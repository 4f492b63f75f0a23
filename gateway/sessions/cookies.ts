/** The browser's whole credential. `__Host-`: only this host can have set it, over a secure context, for `/`. */
export const sessionCookie = '__Host-gatehouse'

/** One per sign-in under way, named after its `state`, so that several tabs do not disturb each other. */
export const loginCookiePrefix = '__Host-gatehouse-login-'

/** The pairs of a `Cookie` header in order, doubles included (RFC 6265 section 5.4). */
export function readCookies(header: string | undefined): readonly (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = []
  eachCookie(header, (name, value) => pairs.push([name, value]))
  return pairs
}

/** All values under one name, compared exactly. More than one is an attempt to slip in a foreign cookie. */
export function cookieValues(header: string | undefined, name: string): readonly string[] {
  const values: string[] = []
  eachCookie(header, (given, value) => {
    if (given === name) values.push(value)
  })
  return values
}

/** By index rather than `split`: this runs on every request, and takes a third of the time. */
function eachCookie(header: string | undefined, visit: (name: string, value: string) => void): void {
  if (header === undefined) return
  for (let from = 0; from < header.length;) {
    const semicolon = header.indexOf(';', from)
    const end = semicolon < 0 ? header.length : semicolon
    const equals = header.indexOf('=', from)
    if (equals > from && equals < end)
      visit(header.slice(from, equals).trim(), header.slice(equals + 1, end).trim())
    from = end + 1
  }
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
