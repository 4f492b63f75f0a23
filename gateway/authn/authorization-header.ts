import type { IncomingMessage } from 'node:http'
import { Problem } from '@gatehouse/kit/errors'
import { maxTokenBytes } from '@gatehouse/kit/tokens/strict-jws'
import { malformedCredentials } from '../http/challenge.ts'

const scheme = /^bearer(?: |$)/i
const credentials = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i
const schemeRoom = 64

/**
 * The token of `Authorization: Bearer` (RFC 6750 section 2.1; the other two ways of that RFC are not taken).
 * @returns undefined when there is none; 431 when it is too large to be looked at, 400 when it cannot be read.
 */
export function bearerToken(request: IncomingMessage): string | undefined | Problem {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  if (header.length > maxTokenBytes + schemeRoom) return new Problem('headers_too_large')
  if (!carriesOne(request.rawHeaders)) return malformedCredentials()
  if (!scheme.test(header)) return undefined
  const token = credentials.exec(header)?.[1]
  if (token === undefined) return malformedCredentials()
  return token.length > maxTokenBytes ? new Problem('headers_too_large') : token
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
