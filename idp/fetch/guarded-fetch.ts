import { X509Certificate } from 'node:crypto'
import { lookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { checkServerIdentity, rootCertificates, type PeerCertificate } from 'node:tls'
import type { Clock } from '@gatehouse/kit/clock'
import type { Dispatcher } from 'undici'
import { Agent } from '@gatehouse/kit/http/undici'
import { Turns } from '../turns.ts'
import { AddressRules } from './addresses.ts'

/** For the whole exchange. */
const timeoutMs = 2_500
const maxBodyBytes = 256 * 1024
/** A URL that did not answer is left alone for this long; what else is at its host may be somebody else's. */
const pauseMs = 5_000
const maxPauses = 1_000
/**
 * Connections to one host, and how many of them one URL may take: those that hang leave the others of their host some. Who
 * would take them all needs more clients at one host than a quota lets in at a time.
 */
const connections = 64
const atOnce = 2
const longestQueue = 1_000

/** Why something was not fetched: for the log, never for who asked. */
class FetchRefused extends Error {
  override readonly name = 'FetchRefused'
}

export interface GuardedFetchOptions {
  readonly clock: Clock
  /** Networks besides the public ones. */
  readonly allow: readonly string[]
  /** PEM of authorities besides the public ones, or of single servers. */
  readonly authorities?: readonly string[]
  /** For tests. */
  readonly resolve?: typeof lookup
}

export interface FetchRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Of the answer's body, where less than 256 KiB are wanted. */
  readonly maxBytes?: number
}

/**
 * The one way to fetch what a stranger's URL names: key sets, client metadata, logos, sector identifiers, back-channel
 * logout. Only https, only public addresses, checked where the connection is made: the address that was looked at is the
 * one that is connected to, whatever the name says a moment later. No redirect is followed; size and time are limited.
 */
export class GuardedFetch {
  readonly #rules: AddressRules
  readonly #clock: Clock
  readonly #agent: Agent
  readonly #pauses = new Map<string, number>()
  /** By URL, for as long as somebody waits or is served. */
  readonly #lines = new Map<string, { readonly turns: Turns; users: number }>()

  constructor(options: GuardedFetchOptions) {
    this.#rules = new AddressRules(options.allow)
    this.#clock = options.clock
    this.#agent = new Agent({
      connect: {
        lookup: checkedLookup(this.#rules, options.resolve ?? lookup),
        timeout: timeoutMs,
        ...trust(options.authorities ?? []),
      },
      connections,
      keepAliveTimeout: 1_000,
    })
  }

  /** @throws FetchRefused, or what the network says */
  fetch(url: string, request: FetchRequest): Promise<Response> {
    // The time that others take in line counts.
    const signal = AbortSignal.timeout(timeoutMs)
    return this.#inTurn(url, () => this.#exchange(url, request, signal))
  }

  async #exchange(
    url: string,
    { method, headers, body, maxBytes = maxBodyBytes }: FetchRequest,
    signal: AbortSignal,
  ): Promise<Response> {
    const { origin, pathname, search } = this.#checked(url)
    this.#requireNoPause(url)
    try {
      const answer = await this.#agent.request({
        origin,
        path: `${pathname}${search}`,
        method: method === 'POST' ? 'POST' : 'GET',
        headers,
        body,
        signal,
      })
      return await readAnswer(answer, maxBytes)
    } catch (error) {
      // It did answer, and may have something better the next time.
      if (!(error instanceof FetchRefused)) this.#pause(url)
      throw error
    }
  }

  async #inTurn<T>(url: string, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(url) ?? { turns: new Turns({ atOnce, longestQueue }), users: 0 }
    this.#lines.set(url, line)
    line.users += 1
    try {
      return await line.turns.take(work)
    } finally {
      line.users -= 1
      if (line.users === 0) this.#lines.delete(url)
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }

  /** A literal address is not looked up, so it is checked here; URLs print every way to write one in one form. */
  #checked(url: string): URL {
    const target = new URL(url)
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1')
    const isLiteral = isIP(host) !== 0
    if (isLiteral && !this.#rules.mayConnect(host)) throw new FetchRefused('the address is not a public one')
    if (target.username !== '' || target.password !== '') throw new FetchRefused('credentials in the URL')
    const mayBePlain = isLiteral && this.#rules.isAllowed(host)
    if (target.protocol !== 'https:' && !(target.protocol === 'http:' && mayBePlain))
      throw new FetchRefused('only https is fetched')
    return target
  }

  #requireNoPause(url: string): void {
    const leftMs = (this.#pauses.get(url) ?? 0) - this.#clock.now()
    // More than there ever was: the clock was set back, and nobody is left alone until it is there again.
    if (leftMs > 0 && leftMs <= pauseMs) throw new FetchRefused('it did not answer a moment ago')
  }

  #pause(url: string): void {
    const oldest = this.#pauses.keys().next()
    if (this.#pauses.size >= maxPauses && oldest.done !== true) this.#pauses.delete(oldest.value)
    this.#pauses.delete(url)
    this.#pauses.set(url, this.#clock.now() + pauseMs)
  }
}

/**
 * A server whose certificate is itself in the list need not be named in it: who can use that key could issue itself any name.
 * Self-signed certificates, of test suites for one, often name nobody.
 */
function trust(authorities: readonly string[]) {
  if (authorities.length === 0) return {}
  const listed = new Set(authorities.map((pem) => new X509Certificate(pem).fingerprint256))
  return {
    ca: [...rootCertificates, ...authorities],
    checkServerIdentity: (host: string, peer: PeerCertificate) =>
      listed.has(peer.fingerprint256) ? undefined : checkServerIdentity(host, peer),
  }
}

/** Resolves a name, and gives it out only if every address that it has may be connected to. */
function checkedLookup(rules: AddressRules, resolve: typeof lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error: Error | null, addresses: LookupAddress[]) => {
      const refused = addressFault(rules, error, addresses)
      if (refused !== undefined) return callback(refused, '', 0)
      if (options.all === true) return callback(null, addresses)
      const [first] = addresses
      callback(null, first?.address ?? '', first?.family)
    })
  }
}

function addressFault(
  rules: AddressRules,
  error: Error | null,
  addresses: readonly LookupAddress[],
): Error | undefined {
  if (error !== null) return error
  if (addresses.length === 0) return new FetchRefused('the name has no address')
  const areFine = addresses.every(({ address }) => rules.mayConnect(address))
  return areFine ? undefined : new FetchRefused('the name leads to an address that is not a public one')
}

async function readAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<Response> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > maxBytes) {
      body.destroy()
      throw new FetchRefused('the answer is too large')
    }
    chunks.push(bytes)
  }
  const own = new Headers()
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') own.set(name, value)
  const isEmpty = statusCode === 204 || statusCode === 304
  return new Response(isEmpty ? null : Buffer.concat(chunks), { status: statusCode, headers: own })
}
