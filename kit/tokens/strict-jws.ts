import type { KeyObject } from 'node:crypto'
import { verifyEs256 } from './es256.ts'
import { TokenRejected } from './rejected.ts'
import { parseStrictObject, type UnknownRecord } from './strict-json.ts'

export { TokenRejected, type TokenReason } from './rejected.ts'

/** In characters, which in a compact JWS are bytes. */
export const maxTokenBytes = 16_384
const maxKidLength = 256

/** A token of which nothing is proven yet, not even who wrote it. */
export interface UnverifiedToken {
  readonly header: { readonly alg: string; readonly kid: string; readonly typ: string }
  readonly payload: UnknownRecord
  readonly signingInput: string
  readonly signature: Buffer
  readonly raw: string
}

/** Reads the first segment of tokens. What the one before said in the same words is not read again: one key's are equal. */
export class JwsHeaders {
  #segment = ''
  #header: UnverifiedToken['header'] | undefined

  /** @throws TokenRejected */
  read(segment: string): UnverifiedToken['header'] {
    if (this.#header !== undefined && this.#segment === segment) return this.#header
    const header = readHeader(decodeObject(segment, 'header'))
    this.#header = header
    this.#segment = segment
    return header
  }
}

/**
 * Takes a compact JWS apart (RFC 7515 section 7.1), stricter than the standard where parsers differ:
 * canonical base64url only (no padding, no spare bits: RFC 4648 section 3.5), no name twice, `alg`, `kid` and `typ`
 * present and strings, and neither `crit` (no extension is understood here: RFC 7515 section 4.1.11) nor `b64`.
 * Keys and URLs in the header (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
 * @param headers kept by who reads many.
 * @throws TokenRejected and nothing else.
 */
export function parseUnverified(token: string, headers = new JwsHeaders()): UnverifiedToken {
  if (token.length > maxTokenBytes) throw new TokenRejected('too_large')
  const [head, body, tail, ...rest] = token.split('.', 4)
  if (head === undefined || body === undefined || tail === undefined || rest.length > 0) {
    throw new TokenRejected('malformed', 'three segments')
  }
  return {
    header: headers.read(head),
    payload: decodeObject(body, 'payload'),
    signingInput: token.slice(0, head.length + 1 + body.length),
    signature: decode(tail, 'signature'),
    raw: token,
  }
}

/**
 * Checks the header's `typ` (RFC 8725 section 3.11): without letter case, with or without `application/` (RFC 7515
 * section 4.1.9).
 * @throws TokenRejected `bad_type`
 */
export function requireType(token: UnverifiedToken, type: string): void {
  const given = token.header.typ.toLowerCase()
  if (given !== type && given !== `application/${type}`) throw new TokenRejected('bad_type')
}

/**
 * Verifies an ES256 signature (RFC 7518 section 3.4): 64 bytes, never DER. The algorithm is pinned here; the header
 * only has to agree.
 *
 * Whoever has (r, s) can make (r, n - s), which verifies as well: revoke by `jti`, never by the token's text.
 * @throws TokenRejected `bad_algorithm`, `bad_signature`
 */
export function requireEs256(token: UnverifiedToken, key: KeyObject): void {
  if (token.header.alg !== 'ES256') throw new TokenRejected('bad_algorithm')
  if (!verifyEs256(token.signingInput, key, token.signature)) throw new TokenRejected('bad_signature')
}

function readHeader(header: UnknownRecord): UnverifiedToken['header'] {
  const { alg, kid, typ } = header
  if ('crit' in header || 'b64' in header) throw new TokenRejected('bad_header', 'crit or b64')
  if (typeof alg !== 'string') throw new TokenRejected('bad_algorithm')
  if (typeof typ !== 'string') throw new TokenRejected('bad_type')
  if (typeof kid !== 'string' || kid === '' || kid.length > maxKidLength)
    throw new TokenRejected('bad_header', 'kid')
  return { alg, kid, typ }
}

function decodeObject(segment: string, part: string): UnknownRecord {
  const value = parseStrictObject(decode(segment, part))
  if (value === undefined) throw new TokenRejected('malformed', part)
  return value
}

function decode(segment: string, part: string): Buffer {
  const bytes = Buffer.from(segment, 'base64url')
  // Node's decoder skips what it does not know; only the text that it would write itself is canonical.
  if (segment === '' || bytes.toString('base64url') !== segment) throw new TokenRejected('malformed', part)
  return bytes
}
