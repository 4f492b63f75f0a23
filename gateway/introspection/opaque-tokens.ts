import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@gatehouse/kit/clock'
import { Problem } from '@gatehouse/kit/errors'
import { EvidenceCache } from '@gatehouse/kit/guard/evidence'
import type { Logger } from '@gatehouse/kit/log'
import { callerOf, type Caller } from '../authn/caller.ts'
import { introspectedClaims, type Expected } from './claims.ts'

/** Asks what a token is worth. @throws when there is no usable answer in time */
export type Introspect = (token: string) => Promise<object>

const rememberedTokens = 10_000
/** Tokens that are asked about at one time; for more there is no answer. */
const maxAsking = 256

export interface OpaqueTokensOptions extends Pick<Expected, 'issuer' | 'audience' | 'toleranceMs'> {
  readonly introspect: Introspect
  readonly timeoutMs: number
  /** How long a good answer may be used; 0: not at all. */
  readonly cacheMs: number
  readonly clock: Clock
  readonly log: Logger
}

interface Remembered {
  readonly caller: Caller
  /** Milliseconds since the epoch, as `until`: when it was asked. */
  readonly from: number
  readonly until: number
}

/**
 * Proves opaque tokens by introspection (RFC 7662). Of a token one question is under way at a time, whoever waits for it;
 * good answers are remembered for a short while and never beyond the token's end. They are evidence: the revocation index
 * is asked at every request all the same. Bad answers are not remembered; who sends many is stopped by the limit on them.
 */
export class OpaqueTokens {
  readonly #options: OpaqueTokensOptions
  readonly #remembered = new EvidenceCache<Remembered>(rememberedTokens)
  readonly #asking = new Map<string, Promise<Caller>>()

  constructor(options: OpaqueTokensOptions) {
    this.#options = options
  }

  /** Who the token was proven to be from a short while ago. */
  known(token: string): Caller | undefined {
    const found = this.#remembered.get(token)
    if (found === undefined) return undefined
    const now = this.#options.clock.now()
    // A clock that was set back makes nothing younger.
    if (found.from <= now && now < found.until) return found.caller
    this.#remembered.delete(token)
    return undefined
  }

  /** @throws TokenRejected, or Problem `upstream_unavailable`: that nobody could be asked says nothing about the token */
  prove(token: string): Promise<Caller> {
    const asking = this.#asking.get(token)
    if (asking !== undefined) return asking
    if (this.#asking.size >= maxAsking) return Promise.reject(unavailable('too many tokens are asked about'))
    const asked = this.#ask(token).finally(() => this.#asking.delete(token))
    this.#asking.set(token, asked)
    return asked
  }

  async #ask(token: string): Promise<Caller> {
    const { clock, cacheMs, issuer, audience, toleranceMs } = this.#options
    const askedAt = clock.now()
    const answer = await this.#answerAbout(token)
    const expected = { issuer, audience, now: clock.now(), toleranceMs }
    const caller = callerOf('bearer', introspectedClaims(answer, token, expected), {
      forget: () => this.#remembered.delete(token),
    })
    // From when it was asked: what changed meanwhile is not in the answer.
    const until = Math.min(askedAt + cacheMs, caller.expiresAt)
    if (until > clock.now()) this.#remembered.set(token, { caller, from: askedAt, until })
    return caller
  }

  async #answerAbout(token: string): Promise<object> {
    const { introspect, timeoutMs, log } = this.#options
    const answered = new AbortController()
    const late = sleep(timeoutMs, undefined, { signal: answered.signal }).then(() => {
      throw new Error('no answer in time')
    })
    try {
      return await Promise.race([introspect(token), late])
    } catch (err) {
      log.warn({ err }, 'no answer about an opaque token')
      throw unavailable(err)
    } finally {
      answered.abort()
    }
  }
}

function unavailable(cause: unknown): Problem {
  return new Problem('upstream_unavailable', {
    detail: 'The identity server cannot be asked about the token',
    headers: { 'retry-after': '1' },
    cause,
  })
}
