import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { KeyObject } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { timeoutHeader } from '../http/timeout-header.ts'
import type { Clock } from '../clock.ts'
import { Problem } from '../errors.ts'
import { tlsSocketOf } from '../mtls/carried.ts'
import { peerSpiffeId, workloadName } from '../mtls/identity.ts'
import { verifyInternalToken } from '../tokens/internal.ts'
import type { JwksClient } from '../tokens/jwks-client.ts'
import { TokenRejected, type TokenReason } from '../tokens/strict-jws.ts'
import { bearerToken, bearerValue, requireBearerForm } from './bearer.ts'
import { callerOf, incoming, type Caller } from './caller.ts'
import { TokenEvidence } from './token-evidence.ts'

/** Turns a request into a proven caller, or refuses it. */
export interface Guard {
  /**
   * Synchronous when the token's key is known, which is nearly always.
   * @throws Problem `missing_credentials`, `invalid_request`, `invalid_token` (RFC 6750 section 3.1), or
   *   `not_ready` while the internal JWKS has never been fetched.
   */
  authenticate(request: IncomingMessage): Caller | Promise<Caller>
  /**
   * The same where there is no Node request.
   * @param presenter SPIFFE ID of the TLS peer, proven by whoever asks.
   * @throws Problem, in the promise.
   */
  authenticateHeaders(headers: Headers, presenter: string | undefined): Promise<Caller>
}

export interface GuardOptions {
  /** This service's name: the only `aud` that is taken. */
  readonly service: string
  readonly trustDomain: string
  /** `iss` of internal tokens. */
  readonly issuer: string
  readonly jwks: JwksClient
  readonly clock: Clock
  /** Verified tokens that are remembered: at most twice this many. Default 5,000. */
  readonly cacheSize?: number
}

/** How far the clocks of two machines may be apart; internal tokens live 60 s, so more would not be little. */
const toleranceMs = 2_000

/** How long a request waits for the first keys. */
const firstKeysMs = 1_000

export function createGuard(options: GuardOptions): Guard {
  return new InternalTokenGuard(options)
}

class InternalTokenGuard implements Guard {
  readonly #options: GuardOptions
  readonly #verified: TokenEvidence<Caller>
  readonly #peers = new WeakMap<TLSSocket, string>()

  constructor(options: GuardOptions) {
    this.#options = options
    this.#verified = new TokenEvidence(options.cacheSize ?? 5_000)
    options.jwks.onChange(() => this.#verified.clear())
  }

  authenticate(request: IncomingMessage): Caller | Promise<Caller> {
    const token = bearerToken(request, this.#options.service)
    const outcome = this.#prove(token, this.#presenter(request))
    if (outcome instanceof Promise) return outcome.then((caller) => arrived(caller, request.headers, request))
    return arrived(outcome, request.headers, request)
  }

  async authenticateHeaders(headers: Headers, presenter: string | undefined): Promise<Caller> {
    const token = bearerValue(headers.get('authorization') ?? '', this.#options.service)
    if (presenter === undefined) throw invalidToken('wrong_presenter')
    const caller = await this.#prove(token, presenter)
    const names = ['traceparent', timeoutHeader] as const
    return arrived(caller, Object.fromEntries(names.map((name) => [name, headers.get(name) ?? undefined])))
  }

  #prove(token: string, presenter: string): Caller | Promise<Caller> {
    const known = this.#verified.get(token)
    if (known !== undefined) return this.#stillGood(known, presenter)
    requireBearerForm(token)
    const outcome = this.#verify(token, presenter)
    return typeof outcome === 'string' ? this.#verifyWithNewKey(token, presenter, outcome) : outcome
  }

  /** The peer's identity, read once per connection: a TLS 1.3 peer cannot change it later. */
  #presenter(request: IncomingMessage): string {
    const socket = tlsSocketOf(request.socket)
    if (socket === undefined) throw invalidToken('wrong_presenter')
    const seen = this.#peers.get(socket)
    if (seen !== undefined) return seen
    const id = peerSpiffeId(socket)
    if (id === undefined || workloadName(this.#options.trustDomain, id) === undefined) {
      throw invalidToken('wrong_presenter')
    }
    this.#peers.set(socket, id)
    return id
  }

  /** The signature was good once; time and presenter belong to this request. */
  #stillGood(caller: Caller, presenter: string): Caller {
    if (caller.claims.req_wl !== presenter) throw invalidToken('wrong_presenter')
    if (this.#options.clock.now() >= caller.claims.exp * 1000 + toleranceMs) {
      this.#verified.delete(caller.token)
      throw invalidToken('expired')
    }
    return caller
  }

  /** A caller, or the `kid` of a key that is not in memory. */
  #verify(token: string, presenter: string): Caller | string {
    let unknownKid: string | undefined
    const key = (kid: string): KeyObject | undefined => {
      const found = this.#options.jwks.get(kid)
      if (found === undefined) unknownKid = kid
      return found?.key
    }
    try {
      const claims = verifyInternalToken(token, {
        key,
        issuer: this.#options.issuer,
        audience: this.#options.service,
        presenter,
        now: this.#options.clock.now(),
        toleranceMs,
      })
      const caller = callerOf(claims, token)
      this.#verified.set(token, caller)
      return caller
    } catch (error) {
      if (!(error instanceof TokenRejected)) throw error
      if (unknownKid !== undefined) return unknownKid
      throw invalidToken(error.reason, error)
    }
  }

  async #verifyWithNewKey(token: string, presenter: string, kid: string): Promise<Caller> {
    const { jwks } = this.#options
    const key = await (jwks.ready() ? jwks.resolve(kid) : Promise.race([jwks.resolve(kid), giveUp()]))
    if (!jwks.ready()) throw new Problem('not_ready', { headers: { 'retry-after': '1' } })
    if (key === undefined) throw invalidToken('unknown_key')
    const outcome = this.#verify(token, presenter)
    if (typeof outcome === 'string') throw invalidToken('unknown_key')
    return outcome
  }
}

/** A service that has just started is ready within a moment; longer than that, whoever asks should hear it. */
function giveUp(): Promise<undefined> {
  return sleep(firstKeysMs, undefined, { ref: false })
}

/** The reason is for the log, in `cause`; the wire says the same for all of them. */
function invalidToken(reason: TokenReason, cause: TokenRejected = new TokenRejected(reason)): Problem {
  return new Problem('invalid_token', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    cause,
  })
}

const traceContext = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/
const milliseconds = /^[1-9]\d{0,6}$/

/** What belongs to this request and not to the token. */
function arrived(caller: Caller, headers: IncomingHttpHeaders, request?: IncomingMessage): Caller {
  const { traceparent, [timeoutHeader]: timeout } = headers
  const isTrace = typeof traceparent === 'string' && traceContext.test(traceparent)
  const isTimeout = typeof timeout === 'string' && milliseconds.test(timeout)
  return {
    ...caller,
    traceparent: isTrace ? traceparent : undefined,
    deadline: isTimeout ? performance.now() + Number(timeout) : undefined,
    [incoming]: request,
  }
}
