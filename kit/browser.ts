/**
 * For pages on the gateway's own origin: calls its API with the session's cookie, which goes along by itself, and listens
 * to server-sent events. It runs in browsers, needs no framework and no build step: the gateway serves it as
 * `/assets/gatehouse.js`, and it is in the package as `@gatehouse/kit/browser`. docs/frontend.md has it in ten lines.
 */

// Of the browser, as much as is used; this repository has no DOM types.
declare const location: {
  readonly origin: string
  readonly pathname: string
  readonly search: string
  assign(url: string): void
}
declare const EventSource: new (url: string) => EventStream
interface EventStream {
  readonly readyState: number
  addEventListener(name: string, listener: (event: { readonly data?: unknown }) => void): void
  close(): void
}

const timeoutMs = 15_000
/** After a stream was refused for a reason that passes. */
const retryMs = 5_000
const closed = 2
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
const mendedBySignIn = new Set(['no_session', 'missing_credentials', 'insufficient_user_authentication'])

/** One wrong field of what was sent. */
export interface FieldFault {
  /** JSON pointer, such as `/quantity`. */
  readonly path: string
  readonly message: string
}

/** The server said no: RFC 9457 problem details. Branch on `code`; `message` is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** See docs/errors.md; empty when something that is not Gatehouse answered. */
  readonly code: string
  /** Names the request in the logs. */
  readonly txn: string
  readonly faults: readonly FieldFault[]
  /** Where the person signs in, or signs in once more, to be let through; undefined when that would not help. */
  readonly loginUrl: string | undefined

  constructor(status: number, body: unknown) {
    super(text(body, 'detail') ?? text(body, 'title') ?? `The server answered ${status}`)
    this.status = status
    this.code = text(body, 'code') ?? ''
    this.txn = text(body, 'txn') ?? ''
    this.faults = faultsIn(body)
    const isMended = status === 401 && mendedBySignIn.has(this.code)
    this.loginUrl = isMended ? (text(body, 'login_url') ?? '/auth/login') : undefined
  }
}

export interface RequestOptions {
  /** Default: GET. */
  readonly method?: string
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Default: 15 s from now. */
  readonly signal?: AbortSignal
}

/**
 * Calls the API. Whatever changes something carries `X-CSRF: 1`, which no other site can send.
 * @param path of this origin, such as `/api/orders`
 * @returns the JSON of the answer, undefined when it has none
 * @throws ApiError for an answer that is not 2xx; TypeError when there was none; DOMException `TimeoutError`
 */
export async function request(path: string, options: RequestOptions = {}): Promise<unknown> {
  const { method = 'GET', body, signal = AbortSignal.timeout(timeoutMs) } = options
  const headers = new Headers({ accept: 'application/json', ...options.headers })
  if (!safeMethods.has(method)) headers.set('x-csrf', '1')
  if (body !== undefined) headers.set('content-type', 'application/json')
  const response = await fetch(ownUrl(path), {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    credentials: 'same-origin',
    redirect: 'error',
    signal,
  })
  const answer = parsed(await response.text())
  if (!response.ok) throw new ApiError(response.status, answer)
  return answer
}

/**
 * Sends the person to sign in as far as it is needed, and back. What was under way is lost: put into `returnTo` what the
 * page needs to go on, and let the person confirm it, because links can be made by anybody.
 * @param error says where; without it, to the plain sign-in
 * @param returnTo path of this origin; default: this page
 */
export function signIn(error?: { readonly loginUrl?: string | undefined }, returnTo?: string): void {
  location.assign(signInUrl(error?.loginUrl, returnTo))
}

/** The same as an address, for a link. */
export function signInUrl(loginUrl = '/auth/login', returnTo = location.pathname + location.search): string {
  const url = ownUrl(loginUrl)
  url.searchParams.set('return_to', returnTo)
  return url.href
}

/** Ends the session here, at the identity server and at its other applications, and goes on from there. */
export async function signOut(): Promise<void> {
  location.assign(text(await request('/auth/logout', { method: 'POST' }), 'logout_url') ?? '/')
}

export interface Listener {
  /** By the name of the event; what is not JSON arrives as text. */
  readonly on: Readonly<Record<string, (data: unknown) => void>>
  /** It has begun, or begun again: what happened in between was not told, so read it now. */
  opened?(): void
  /** It broke off; it is tried again. */
  lost?(): void
  /** It is over, because the session is: nothing more will come until the person signs in. */
  closed?(reason: { readonly code: string; readonly loginUrl: string }): void
}

/**
 * Listens to server-sent events of this origin.
 * @returns stops listening
 */
export function listen(path: string, listener: Listener): () => void {
  const url = ownUrl(path).href
  let source: EventStream | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let isOver = false
  const stop = (): void => {
    isOver = true
    clearTimeout(retry)
    source?.close()
  }
  const end = (code: string, loginUrl = '/auth/login'): void => {
    if (isOver) return
    stop()
    listener.closed?.({ code, loginUrl })
  }
  const begin = (): void => {
    const stream = new EventSource(url)
    source = stream
    stream.addEventListener('open', () => listener.opened?.())
    stream.addEventListener('gatehouse-closed', ({ data }) => end(text(parsed(data), 'code') ?? ''))
    stream.addEventListener('error', () => {
      listener.lost?.()
      // The browser tries again by itself, except when it was refused, and then it does not tell why.
      if (stream.readyState === closed) void whyRefused().then(decide)
    })
    for (const [name, take] of Object.entries(listener.on)) {
      stream.addEventListener(name, ({ data }) => take(parsed(data)))
    }
  }
  const decide = (refusal: ApiError | undefined): void => {
    // Stopped while it was asked.
    if (isOver) return
    if (refusal?.loginUrl !== undefined) end(refusal.code, refusal.loginUrl)
    else retry = setTimeout(begin, retryMs)
  }
  begin()
  return stop
}

/** No session, most likely; anything else passes. */
async function whyRefused(): Promise<ApiError | undefined> {
  try {
    await request('/auth/session')
  } catch (error) {
    if (error instanceof ApiError) return error
  }
  return undefined
}

/** Nothing that is meant for this origin goes to another one. */
function ownUrl(path: string): URL {
  const url = new URL(path, location.origin)
  if (url.origin !== location.origin) throw new TypeError('not a path of this origin')
  return url
}

function parsed(data: unknown): unknown {
  if (typeof data !== 'string' || data === '') return undefined
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}

function text(value: unknown, name: string): string | undefined {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof found === 'string' ? found : undefined
}

function faultsIn(body: unknown): readonly FieldFault[] {
  const errors: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'errors') : undefined
  if (!Array.isArray(errors)) return []
  return errors.map((one: unknown) => ({
    path: text(one, 'path') ?? '',
    message: text(one, 'message') ?? '',
  }))
}
