import { CookieJar } from '../harness/cookie-jar.ts'
import { readForms, type Form } from '../harness/forms.ts'

/** A page as a person sees it, with what came along. */
export interface Seen {
  readonly url: URL
  readonly status: number
  readonly headers: Headers
  readonly html: string
  readonly forms: readonly Form[]
}

/** A browser without JavaScript: cookies, pages, forms. Nothing is followed by itself. */
export class Person {
  readonly jar = new CookieJar()

  async open(url: URL | string, init: RequestInit = {}): Promise<Seen> {
    const target = new URL(url)
    const headers = new Headers({ accept: 'text/html', cookie: this.jar.header(target) })
    new Headers(init.headers).forEach((value, name) => headers.set(name, value))
    const response = await fetch(target, {
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
      ...init,
      headers,
    })
    this.jar.store(target, response)
    const html = await response.text()
    return {
      url: target,
      status: response.status,
      headers: response.headers,
      html,
      forms: readForms(html, target),
    }
  }

  /** Sends the form that has a button with this text, its hidden fields as they are. */
  submit(page: Seen, button: string, fields: Readonly<Record<string, string>> = {}): Promise<Seen> {
    const form = page.forms.find(({ buttons }) => buttons.some(({ text }) => text === button))
    if (form === undefined) throw new Error(`no button "${button}" on ${page.url.pathname}: ${page.html}`)
    const body = new URLSearchParams()
    for (const { name, value } of form.fields) body.append(name, fields[name] ?? value)
    const pressed = form.buttons.find(({ text }) => text === button)
    if (pressed?.name !== undefined) body.set(pressed.name, pressed.value)
    return this.open(form.action, { method: 'POST', body, headers: { origin: form.action.origin } })
  }

  /** Follows redirects until there is a page, or one leads to another origin or to a `code`. */
  async follow(seen: Seen): Promise<Seen> {
    const location = seen.headers.get('location')
    if (location === null) return seen
    const next = new URL(location, seen.url)
    if (next.origin !== seen.url.origin || next.searchParams.has('code') || next.searchParams.has('error'))
      return seen
    return this.follow(await this.open(next))
  }

  async signIn(page: Seen, username: string, password: string): Promise<Seen> {
    return this.follow(await this.submit(page, 'Sign in', { username, password }))
  }
}

/** Where a redirect leads. */
export function locationOf(seen: { readonly headers: Headers; readonly url: URL }): URL {
  const location = seen.headers.get('location')
  if (location === null) throw new Error(`${seen.url.pathname} answered without a redirect`)
  return new URL(location, seen.url)
}
