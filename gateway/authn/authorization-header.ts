import type { IncomingMessage } from 'node:http'
import { Problem } from '@gatehouse/kit/errors'
import { maxTokenBytes } from '@gatehouse/kit/tokens/strict-jws'
import { malformedCredentials } from '../http/challenge.ts'

const scheme = /^(?:bearer|dpop)(?: |$)/i
const credentials = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i
const schemeRoom = 64

export interface PresentedToken {
  readonly scheme: 'bearer' | 'dpop'
  readonly token: string
}

/**
 * The token of `Authorization: Bearer` (RFC 6750 section 2.1; the other two ways of that RFC are not taken) or
 * `Authorization: DPoP` (RFC 9449 section 7.1).
 * @returns undefined when there is none; 431 when it is too large to be looked at, 400 when it cannot be read.
 */
export function presentedToken(request: IncomingMessage): PresentedToken | undefined | Problem {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  if (header.length > maxTokenBytes + schemeRoom) return new Problem('headers_too_large')
  if (!carriesOne(request.rawHeaders)) return malformedCredentials()
  if (!scheme.test(header)) return undefined
  const [, named, token] = credentials.exec(header) ?? []
  if (named === undefined || token === undefined) return malformedCredentials()
  if (token.length > maxTokenBytes) return new Problem('headers_too_large')
  return { scheme: named.length === 4 ? 'dpop' : 'bearer', token }
}

/** The same where only bearer tokens are taken. */
export function bearerToken(request: IncomingMessage): string | undefined | Problem {
  const presented = presentedToken(request)
  if (presented === undefined || presented instanceof Problem) return presented
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
