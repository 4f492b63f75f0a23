import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '@gatehouse/kit/clock'
import { conforms } from '@gatehouse/kit/conforms'
import { Type, type Static } from '@gatehouse/kit/schema'
import { type MasterKey, SecretsError } from '@gatehouse/kit/secrets'
import type { LoginParameters } from './login-parameters.ts'
import { clearCookie, loginCookiePrefix, readCookies, setCookie } from './cookies.ts'

const attemptLifeMs = 10 * 60_000

/** Tabs that can be signing in at once; beyond that the oldest is given up. They travel in every request's headers. */
const maxAttempts = 5

const LoginAttemptSchema = Type.Object({
  state: Type.String(),
  nonce: Type.String(),
  codeVerifier: Type.String(),
  returnTo: Type.String(),
  startedAt: Type.Number(),
  /** What else was asked of the IdP: a stronger or more recent sign-in, for one. */
  parameters: Type.Optional(
    Type.Object({
      acr_values: Type.Optional(Type.String()),
      max_age: Type.Optional(Type.String()),
      prompt: Type.Optional(Type.String()),
      ui_locales: Type.Optional(Type.String()),
    }),
  ),
})

/** What the browser that starts a sign-in must bring back. Rests in a sealed cookie, not in the store. */
export type LoginAttempt = Static<typeof LoginAttemptSchema>

export function newAttempt(returnTo: string, now: number, parameters: LoginParameters = {}): LoginAttempt {
  return {
    state: random(),
    nonce: random(),
    codeVerifier: random(),
    returnTo,
    startedAt: now,
    parameters,
  }
}

/** Name of an attempt that may be shown and stored: `state` cannot be had from it. */
export function attemptId(state: string): string {
  return createHash('sha256').update(state).digest('base64url').slice(0, 22)
}

/** When a used `state` need no longer be remembered, milliseconds since the epoch. */
export function attemptEnd(attempt: LoginAttempt): number {
  return attempt.startedAt + attemptLifeMs
}

/** Sealed login attempts in the browser's cookies. */
export class LoginCookies {
  readonly #masterKey: MasterKey
  readonly #clock: Clock

  constructor(masterKey: MasterKey, clock: Clock) {
    this.#masterKey = masterKey
    this.#clock = clock
  }

  /** `Set-Cookie` lines that add `attempt` and give up what is over, unreadable or one too many. */
  add(attempt: LoginAttempt, cookieHeader: string | undefined): readonly string[] {
    const held = readCookies(cookieHeader)
      .filter(([name]) => name.startsWith(loginCookiePrefix))
      .map(([name, value]) => ({ name, startedAt: this.#open(name, value)?.startedAt ?? 0 }))
      .toSorted((a, b) => b.startedAt - a.startedAt)
    const over = held.filter(({ startedAt }, at) => startedAt === 0 || at >= maxAttempts - 1)
    const id = attemptId(attempt.state)
    const name = `${loginCookiePrefix}${id}`
    const value = this.#masterKey.seal(JSON.stringify(attempt), context(id))
    return [...over.map((one) => clearCookie(one.name)), setCookie(name, value, attemptLifeMs)]
  }

  /** The attempt that this browser began with `state`, if it did and there is still time. */
  find(state: string, cookieHeader: string | undefined): LoginAttempt | undefined {
    const wanted = `${loginCookiePrefix}${attemptId(state)}`
    const found = readCookies(cookieHeader).filter(([name]) => name === wanted)
    const [only] = found
    if (only === undefined || found.length > 1) return undefined
    const attempt = this.#open(wanted, only[1])
    return attempt?.state === state ? attempt : undefined
  }

  remove(state: string): string {
    return clearCookie(`${loginCookiePrefix}${attemptId(state)}`)
  }

  #open(name: string, value: string): LoginAttempt | undefined {
    try {
      const attempt: unknown = JSON.parse(
        this.#masterKey.open(value, context(name.slice(loginCookiePrefix.length))),
      )
      if (!conforms(LoginAttemptSchema, attempt)) return undefined
      return this.#clock.now() < attemptEnd(attempt) ? attempt : undefined
    } catch (error) {
      // Whatever a browser sends under this name and we did not seal is no attempt of ours.
      if (error instanceof SecretsError) return undefined
      throw error
    }
  }
}

/** 256 bits; as a verifier 43 characters, what RFC 7636 section 4.1 recommends. */
function random(): string {
  return randomBytes(32).toString('base64url')
}

const context = (id: string): string => `gateway login ${id}`
