import { hash } from 'node:crypto'

/** Three parts between dots: a JWS (RFC 7515 section 7.1), whether it is a good one or not. */
const jws = /^[^.]*\.[^.]*\.[^.]*$/

/** Whether a token says nothing by itself and its issuer must be asked about it (RFC 7662). */
export function isOpaque(token: string): boolean {
  return !jws.test(token)
}

/** Stands for an opaque token where its `jti` would stand: in logs and events, where the token itself must not be. */
export function opaqueTokenId(token: string): string {
  return `sha256:${hash('sha256', token, 'base64url')}`
}
