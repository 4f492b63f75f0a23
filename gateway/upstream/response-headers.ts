import type { Forwarding } from './forwarder.ts'
import { HeaderNames } from './header-names.ts'

/** What of a service's answer the caller gets unless the route adds to it. */
export const defaultResponseHeaders: readonly string[] = [
  'accept-ranges',
  'allow',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'deprecation',
  'etag',
  'expires',
  'last-modified',
  'link',
  'location',
  'retry-after',
  'sunset',
  'vary',
]

/** What tells where the body ends. */
const framing = ['content-length', 'transfer-encoding'] as const

/** Which headers of an answer are passed on. */
export class ResponseHeaders {
  /** These, and what tells where the body ends. */
  readonly read: HeaderNames
  readonly #allowed: ReadonlySet<string>

  /** @param names in lower case. */
  constructor(names: readonly string[]) {
    this.read = new HeaderNames([...names, ...framing])
    this.#allowed = new Set(names)
  }

  has(name: string): boolean {
    return this.#allowed.has(name)
  }
}

/** What becomes of a URL that the service wrote; undefined: it is dropped. */
type Relocate = (url: string) => string | undefined

/** Headers that name a place. */
const places: ReadonlySet<string> = new Set(['content-location', 'location'])

const noBytes = Buffer.alloc(0)

/** A service's answer as far as the caller gets to see it. */
export interface AnswerHead {
  /** Flat: name, value, name, value. */
  readonly headers: string[]
  /** Bytes of the body as the service stated them; undefined for chunked. */
  readonly length: number | undefined
  /** Whether the end of the body can be told from a broken connection (RFC 9112 section 6.3). */
  readonly framed: boolean
}

/**
 * Takes the allowed headers out of an answer.
 * @param raw name, value, name, value, as undici's parser found them.
 * @param to `ownHeaders`, what every answer carries, are not sent twice where the service sent them itself.
 */
export function answerHead(
  status: number,
  raw: readonly Buffer[],
  to: Pick<Forwarding, 'responseHeaders' | 'ownHeaders' | 'relocate'>,
): AnswerHead {
  const { responseHeaders: allowed, relocate } = to
  const headers: string[] = []
  let length: number | undefined
  let framed = false
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = allowed.read.find(raw[at] ?? noBytes)
    if (name === undefined) continue
    const value = raw[at + 1]?.toString('latin1') ?? ''
    if (name === 'content-length') length = Number(value)
    if (name === 'transfer-encoding') framed = /(?:^|,)\s*chunked\s*$/i.test(value)
    if (!allowed.has(name)) continue
    const seen = relocate === undefined ? value : relocated(name, value, relocate)
    if (seen !== undefined) headers.push(name, seen)
  }
  // It has none (RFC 9110 section 8.6), and clients of HTTP/2 take an answer that states one for broken.
  if (status === 204) dropLength(headers)
  addOwn(headers, to.ownHeaders)
  return { headers, length, framed: framed || length !== undefined }
}

function relocated(name: string, value: string, relocate: Relocate): string | undefined {
  if (name === 'link') return relocateLinks(value, relocate)
  return places.has(name) ? relocate(value) : value
}

/** Links (RFC 8288) may lead anywhere, since nobody follows them unasked; those to the service itself lead to the gateway. */
export function relocateLinks(value: string, relocate: Relocate): string {
  return value.replace(/<([^<>]*)>/g, (whole, url: string) => {
    const seen = relocate(url)
    return seen === undefined ? whole : `<${seen}>`
  })
}

function addOwn(headers: string[], own: readonly string[]): void {
  const sent = headers.length
  for (let at = 0; at + 1 < own.length; at += 2) {
    const name = own[at] ?? ''
    const value = own[at + 1] ?? ''
    // Both say what the answer depends on, and a cache must hear of both.
    if (name === 'vary' || !hasName(headers, sent, name)) headers.push(name, value)
  }
}

function hasName(headers: readonly string[], until: number, name: string): boolean {
  for (let at = 0; at < until; at += 2) if (headers[at] === name) return true
  return false
}

/** RFC 9110 section 6.4.1: answers that never have content, whatever their headers say. */
export function isBodiless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304
}

/** @param headers flat; lose their `content-length`. */
function dropLength(headers: string[]): void {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text === 'content-length')
  if (at >= 0) headers.splice(at, 2)
}

/**
 * Begins the caller's answer, if Node lets these headers pass: in HTTP/2 it refuses those twice that may come once only.
 * @returns why not; another head may be written then.
 */
export function writeHead(
  to: Pick<Forwarding, 'request' | 'response'>,
  status: number,
  headers: string[],
): unknown {
  const { request, response } = to
  // What is left of the request would be taken for the next one.
  if (!request.complete && request.httpVersionMajor === 1) headers.push('connection', 'close')
  try {
    response.writeHead(status, headers)
    return undefined
  } catch (refusal) {
    // It keeps them, and would refuse the answer that says so as well.
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    return refusal
  }
}
