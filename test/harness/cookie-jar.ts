interface Cookie {
  readonly name: string
  readonly value: string
  readonly host: string
  readonly path: string
}

/** Cookies as a browser keeps them: by host without the port, `__Host-` only by its rules (RFC 6265bis section 4.1.3). */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>()

  /** Takes over the `Set-Cookie` lines of an answer. A cookie that a browser would refuse is an error here. */
  store(url: URL, response: Response): void {
    for (const line of response.headers.getSetCookie()) this.#store(url, line)
  }

  /** The value of the `Cookie` header for a URL; empty when there is none. */
  header(url: URL): string {
    return this.list(url)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  }

  list(url: URL): readonly { readonly name: string; readonly value: string }[] {
    return [...this.#cookies.values()].filter(
      ({ host, path }) => host === url.hostname && matches(url.pathname, path),
    )
  }

  get(name: string): string | undefined {
    return [...this.#cookies.values()].find((cookie) => cookie.name === name)?.value
  }

  set(url: URL, name: string, value: string): void {
    this.#cookies.set(JSON.stringify([url.hostname, '/', name]), {
      name,
      value,
      host: url.hostname,
      path: '/',
    })
  }

  #store(url: URL, line: string): void {
    const [pair = '', ...rest] = line.split(';').map((part) => part.trim())
    const name = pair.slice(0, pair.indexOf('='))
    const value = pair.slice(pair.indexOf('=') + 1)
    const attributes = new Map(
      rest.map((part) => {
        const [key = '', content = ''] = part.split('=', 2)
        return [key.toLowerCase(), content] as const
      }),
    )
    checkPrefix(name, attributes)
    const path = attributes.get('path') ?? '/'
    const key = JSON.stringify([url.hostname, path, name])
    if (isOver(attributes)) this.#cookies.delete(key)
    else this.#cookies.set(key, { name, value, host: url.hostname, path })
  }
}

function checkPrefix(name: string, attributes: ReadonlyMap<string, string>): void {
  if (!name.startsWith('__Host-')) return
  if (attributes.has('secure') && attributes.get('path') === '/' && !attributes.has('domain')) return
  throw new Error(`a browser refuses the cookie ${name}: __Host- wants Secure, Path=/ and no Domain`)
}

function isOver(attributes: ReadonlyMap<string, string>): boolean {
  const maxAge = attributes.get('max-age')
  if (maxAge !== undefined) return Number(maxAge) <= 0
  const expires = attributes.get('expires')
  return expires !== undefined && Date.parse(expires) <= Date.now()
}

function matches(pathname: string, path: string): boolean {
  return path === '/' || pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
}
