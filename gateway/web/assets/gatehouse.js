/**
 * For pages on the gateway's own origin: calls its API with the session's cookie, which goes along by itself, and listens
 * to server-sent events. It runs in browsers, needs no framework and no build step: the gateway serves it as
 * `/assets/gatehouse.js`, and it is in the package as `@gatehouse/kit/browser`. docs/frontend.md has it in ten lines.
 */

// Of the browser, as much as is used; this repository has no DOM types.

const timeoutMs = 15_000
/** After a stream was refused for a reason that passes. */
const retryMs = 5_000
const closed = 2
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
const mendedBySignIn = new Set(['no_session', 'missing_credentials', 'insufficient_user_authentication'])

/** One wrong field of what was sent. */

/** The server said no: RFC 9457 problem details. Branch on `code`; `message` is for people. */
export class ApiError extends Error {
  name = 'ApiError'
  status
  /** See docs/errors.md; empty when something that is not Gatehouse answered. */
  code
  /** Names the request in the logs. */
  txn
  faults
  /** Where the person signs in, or signs in once more, to be let through; undefined when that would not help. */
  loginUrl

  constructor(status, body) {
    super(text(body, 'detail') ?? text(body, 'title') ?? `The server answered ${status}`)
    this.status = status
    this.code = text(body, 'code') ?? ''
    this.txn = text(body, 'txn') ?? ''
    this.faults = faultsIn(body)
    const isMended = status === 401 && mendedBySignIn.has(this.code)
    this.loginUrl = isMended ? (text(body, 'login_url') ?? '/auth/login') : undefined
  }
}

/**
 * Calls the API. Whatever changes something carries `X-CSRF: 1`, which no other site can send.
 * @param path of this origin, such as `/api/orders`
 * @returns the JSON of the answer, undefined when it has none
 * @throws ApiError for an answer that is not 2xx; TypeError when there was none; DOMException `TimeoutError`
 */
export async function request(path, options = {}) {
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
export function signIn(error, returnTo) {
  location.assign(signInUrl(error?.loginUrl, returnTo))
}

/** The same as an address, for a link. */
export function signInUrl(loginUrl = '/auth/login', returnTo = location.pathname + location.search) {
  const url = ownUrl(loginUrl)
  url.searchParams.set('return_to', returnTo)
  return url.href
}

/** Ends the session here, at the identity server and at its other applications, and goes on from there. */
export async function signOut() {
  location.assign(text(await request('/auth/logout', { method: 'POST' }), 'logout_url') ?? '/')
}

/**
 * Listens to server-sent events of this origin.
 * @returns stops listening
 */
export function listen(path, listener) {
  const url = ownUrl(path).href
  let source
  let retry
  let isOver = false
  const stop = () => {
    isOver = true
    clearTimeout(retry)
    source?.close()
  }
  const end = (code, loginUrl = '/auth/login') => {
    if (isOver) return
    stop()
    listener.closed?.({ code, loginUrl })
  }
  const begin = () => {
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
  const decide = (refusal) => {
    // Stopped while it was asked.
    if (isOver) return
    if (refusal?.loginUrl !== undefined) end(refusal.code, refusal.loginUrl)
    else retry = setTimeout(begin, retryMs)
  }
  begin()
  return stop
}

/** No session, most likely; anything else passes. */
async function whyRefused() {
  try {
    await request('/auth/session')
  } catch (error) {
    if (error instanceof ApiError) return error
  }
  return undefined
}

/** Nothing that is meant for this origin goes to another one. */
function ownUrl(path) {
  const url = new URL(path, location.origin)
  if (url.origin !== location.origin) throw new TypeError('not a path of this origin')
  return url
}

function parsed(data) {
  if (typeof data !== 'string' || data === '') return undefined
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}

function text(value, name) {
  const found = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof found === 'string' ? found : undefined
}

function faultsIn(body) {
  const errors = typeof body === 'object' && body !== null ? Reflect.get(body, 'errors') : undefined
  if (!Array.isArray(errors)) return []
  return errors.map((one) => ({
    path: text(one, 'path') ?? '',
    message: text(one, 'message') ?? '',
  }))
}
