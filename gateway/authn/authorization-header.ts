import type { IncomingMessage } from 'node:http'
import { Problem } from '@gatehouse/kit/errors'
import { maxTokenBytes } from '@gatehouse/kit/tokens/strict-jws'
import { malformedCredentials, type TokenScheme } from '../http/challenge.ts'

const usual = 'Bearer '
const named = /^(bearer|dpop)(?: +|$)/i
const tokenShape = /^[A-Za-z0-9\-._~+/]+=*$/
const schemeRoom = 64

export interface PresentedToken {
  readonly scheme: TokenScheme
  /** As it came: whether it is one at all, `isToken` tells. */
  readonly token: string
}

/**
 * The token of `Authorization: Bearer` (RFC 6750 section 2.1; the other two ways of that RFC are not taken) or
 * `Authorization: DPoP` (RFC 9449 section 7.1).
 * @returns undefined when there is none; 431 when it is too large to be looked at, 400 when there are several.
 */
export function presentedToken(request: IncomingMessage): PresentedToken | undefined | Problem {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  if (header.length > maxTokenBytes + schemeRoom) return new Problem('headers_too_large')
  if (!carriesOne(request.rawHeaders)) return malformedCredentials()
  const presented = taken(header)
  return presented !== undefined && presented.token.length > maxTokenBytes
    ? new Problem('headers_too_large')
    : presented
}

function taken(header: string): PresentedToken | undefined {
  if (header.startsWith(usual) && header[usual.length] !== ' ')
    return { scheme: 'bearer', token: header.slice(usual.length) }
  const [whole, scheme] = named.exec(header) ?? []
  if (whole === undefined || scheme === undefined) return undefined
  return { scheme: scheme.length === 4 ? 'dpop' : 'bearer', token: header.slice(whole.length) }
}

/** Whether a text is made of what tokens are made of (RFC 6750 section 2.1). One that was proven before is. */
export function isToken(text: string): boolean {
  return tokenShape.test(text)
}

/** The same where only bearer tokens are taken. */
export function bearerToken(request: IncomingMessage): string | undefined | Problem {
  const presented = presentedToken(request)
  if (presented === undefined || presented instanceof Problem) return presented
  if (!isToken(presented.token)) return malformedCredentials()
  return presented.scheme === 'bearer' ? presented.token : undefined
}

/** `headers.authorization` is the first of several; the others would pass unseen. */
function carriesOne(rawHeaders: readonly string[]): boolean {
  let seen = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') seen++
  }
  return seen === 1
}
