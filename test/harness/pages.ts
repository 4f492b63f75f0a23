import type { CookieJar } from './cookie-jar.ts'
import { type Form, readForms } from './forms.ts'

export interface Walk {
  readonly start: URL
  readonly jar: CookieJar
  readonly username: string
  readonly password: string
  /** The walk ends before this URL is requested. */
  until(url: URL): boolean
}

const mostSteps = 25
// Our pages put what refuses into a form or a button of its own.
const refusal = /abort|cancel|not allow|stop|stay/i

/**
 * Goes from page to page as a person without JavaScript would: follows redirects, fills in the sign-in form, agrees
 * to what is asked. Answers the URL at which `until` said stop, which was not requested.
 */
export async function walkThroughPages(walk: Walk): Promise<URL> {
  let request: { readonly url: URL; readonly body?: URLSearchParams } = { url: walk.start }
  let filled: string | undefined
  for (let step = 0; step < mostSteps; step++) {
    const response = await send(request, walk.jar)
    const location = response.headers.get('location')
    if (response.status >= 300 && response.status < 400 && location !== null) {
      const url = new URL(location, request.url)
      if (walk.until(url)) return url
      request = { url }
      continue
    }
    const html = await response.text()
    const form = pickForm(readForms(html, request.url))
    // A page that comes again after it was filled in has refused what we said.
    if (response.status >= 400 || form === undefined || filled === fingerprint(form)) {
      throw new Error(
        `stuck at ${request.url.origin}${request.url.pathname} (${response.status}): ${words(html)}`,
      )
    }
    filled = fingerprint(form)
    request = { url: form.action, body: fill(form, walk) }
  }
  throw new Error(`no end after ${mostSteps} pages and redirects`)
}

async function send(
  { url, body }: { readonly url: URL; readonly body?: URLSearchParams },
  jar: CookieJar,
): Promise<Response> {
  const headers = new Headers({ accept: 'text/html', cookie: jar.header(url) })
  if (body !== undefined) headers.set('origin', url.origin)
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    body: body ?? null,
    redirect: 'manual',
    signal: AbortSignal.timeout(20_000),
  })
  jar.store(url, response)
  return response
}

function pickForm(forms: readonly Form[]): Form | undefined {
  const posts = forms.filter(({ method }) => method === 'POST')
  return posts.find(({ fields }) => fields.some(({ type }) => type === 'password')) ?? posts.find(agrees)
}

function agrees({ action, buttons }: Form): boolean {
  // The rest of the path may be random, and say `stop` by chance.
  const verb = action.pathname.split('/').at(-1) ?? ''
  return !refusal.test(verb) && buttons.some(({ text, value }) => !refusal.test(`${text} ${value}`))
}

function fill(form: Form, { username, password }: Walk): URLSearchParams {
  const body = new URLSearchParams()
  for (const { name, type, value, autocomplete, checked } of form.fields) {
    if (name === '' || type === 'submit' || (type === 'checkbox' && !checked)) continue
    if (type === 'password') body.append(name, password)
    else if (autocomplete.includes('username') || name === 'username') body.append(name, username)
    else body.append(name, value)
  }
  const button = form.buttons.find(({ text, value }) => !refusal.test(`${text} ${value}`))
  if (button?.name !== undefined) body.append(button.name, button.value)
  return body
}

function fingerprint(form: Form): string {
  return JSON.stringify([form.action.pathname, form.fields.map(({ name }) => name)])
}

function words(html: string): string {
  return html
    .replace(/<(style|script|head)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300)
}
