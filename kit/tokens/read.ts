import { TokenRejected } from './rejected.ts'
import { isRecord, type UnknownRecord } from './strict-json.ts'

/** Readers of one claim each: they return its value, or throw TokenRejected `bad_claims` with its name. */

const maxText = 1_024
const maxItems = 64

// RFC 6749 section 3.3.
const scopeForm = /^(?:[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*)?$/

/** The object itself. */
export function record(value: unknown, name: string): UnknownRecord {
  if (!isRecord(value)) throw new TokenRejected('bad_claims', name)
  return value
}

/** A string of 1 to 1,024 characters. */
export function text(claims: UnknownRecord, name: string): string {
  const value = claims[name]
  if (typeof value !== 'string' || value === '' || value.length > maxText)
    throw new TokenRejected('bad_claims', name)
  return value
}

/** The same, or absent. */
export function optionalText(claims: UnknownRecord, name: string): string | undefined {
  return claims[name] === undefined ? undefined : text(claims, name)
}

/** Seconds since the epoch: a whole number, though RFC 7519 allows fractions, because nobody we trust sends them. */
export function seconds(claims: UnknownRecord, name: string): number {
  const value = claims[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new TokenRejected('bad_claims', name)
  return value
}

/** The same, or absent. */
export function optionalSeconds(claims: UnknownRecord, name: string): number | undefined {
  return claims[name] === undefined ? undefined : seconds(claims, name)
}

/** Scopes with single spaces between them; empty when absent or empty. */
export function scope(claims: UnknownRecord): string {
  const value = claims['scope'] ?? ''
  if (typeof value !== 'string' || !scopeForm.test(value)) throw new TokenRejected('bad_claims', 'scope')
  return value
}

/** At most 64 strings. */
export function texts(claims: UnknownRecord, name: string): readonly string[] {
  const value = claims[name]
  if (!Array.isArray(value) || value.length > maxItems) throw new TokenRejected('bad_claims', name)
  return value.map((item: unknown) => text({ [name]: item }, name))
}

/** The same, or absent. */
export function optionalTexts(claims: UnknownRecord, name: string): readonly string[] | undefined {
  return claims[name] === undefined ? undefined : texts(claims, name)
}

/** `aud`: one string, or an array of one or more (RFC 7519 section 4.1.3). */
export function audience(claims: UnknownRecord): string | readonly string[] {
  if (typeof claims['aud'] === 'string') return text(claims, 'aud')
  const several = texts(claims, 'aud')
  if (several.length === 0) throw new TokenRejected('bad_claims', 'aud')
  return several
}

/** The members that are there, so that an absent claim is an absent property. */
export function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {}
  for (const name in members) {
    const value = members[name]
    if (isPresent(value)) kept[name] = value
  }
  return kept
}

function isPresent<V>(value: V): value is Exclude<V, undefined> {
  return value !== undefined
}

/**
 * The time window of a token. `exp` is exclusive (RFC 7519 section 4.1.4: "on or after which").
 * @param at.now milliseconds since the epoch
 * @param at.toleranceMs how far clocks may be apart
 * @throws TokenRejected `expired`, `not_yet_valid`
 */
export function requireTime(
  window: { readonly iat: number; readonly exp: number; readonly nbf?: number | undefined },
  at: { readonly now: number; readonly toleranceMs: number },
): void {
  if (window.exp <= window.iat) throw new TokenRejected('bad_claims', 'exp')
  if (at.now >= window.exp * 1_000 + at.toleranceMs) throw new TokenRejected('expired')
  const from = Math.max(window.iat, window.nbf ?? 0)
  if (at.now + at.toleranceMs < from * 1_000) throw new TokenRejected('not_yet_valid')
}
