import { CookieJar } from './cookie-jar.ts'
import { walkThroughPages } from './pages.ts'

/** A signed-in browser session without a browser. */
export class SessionClient {
  readonly username: string
  /** The browser's cookies, those of the IdP included. */
  readonly cookies: CookieJar
  readonly #origin: string

  constructor(origin: string, username: string, cookies: CookieJar) {
    this.#origin = origin
    this.username = username
    this.cookies = cookies
  }

  /**
   * Sends a request to the public door with the session's cookie, and for unsafe methods with what the same site's
   * own page would send along (`X-CSRF`, `Origin`). Your own headers win. Redirects are not followed.
   */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, this.#origin)
    const headers = new Headers({ cookie: this.cookies.header(url) })
    const method = (init.method ?? 'GET').toUpperCase()
    if (method !== 'GET' && method !== 'HEAD') {
      headers.set('x-csrf', '1')
      headers.set('origin', url.origin)
    }
    new Headers(init.headers).forEach((value, name) => headers.set(name, value))
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
      ...init,
      method,
      headers,
    })
    this.cookies.store(url, response)
    return response
  }
}

/** Signs in through the real pages: gateway, IdP, password, consent, and back. */
export async function signIn(options: {
  readonly origin: string
  readonly username: string
  readonly password: string
  /** A browser that has been here before. */
  readonly cookies?: CookieJar | undefined
}): Promise<SessionClient> {
  const { origin, username, password, cookies = new CookieJar() } = options
  await walkThroughPages({
    start: new URL('/auth/login?return_to=%2F', origin),
    jar: cookies,
    username,
    password,
    until: (url) => url.origin === origin && url.pathname === '/',
  })
  return new SessionClient(origin, username, cookies)
}
