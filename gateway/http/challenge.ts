import { Problem } from '@gatehouse/kit/errors'

/** How a token is sent: RFC 6750 section 2.1, RFC 9449 section 7.1. */
export type TokenScheme = 'bearer' | 'dpop'

const realm = 'gatehouse'
const challenges: Readonly<Record<TokenScheme, string>> = {
  bearer: `Bearer realm="${realm}"`,
  dpop: `DPoP realm="${realm}", algs="ES256"`,
}

/** A challenge by the scheme that was tried: a client that sends proofs has no use for one of the other. */
export function challengeFor(by: TokenScheme, error: string, more: readonly string[] = []): string {
  return [challenges[by], `error="${error}"`, ...more].join(', ')
}

/** RFC 9110 section 15.5.2 asks for a challenge where a session is wanted, too; this is the one of draft-broyer-http-cookie-auth. */
export const cookieChallenge = `Cookie realm="${realm}"`

/** No credential at all: a bare challenge (RFC 6750 section 3.1). */
export function missingCredentials(): Problem {
  return new Problem('missing_credentials', {
    headers: { 'www-authenticate': `${challenges.bearer}, ${challenges.dpop}` },
  })
}

/** `Authorization` cannot be read (RFC 6750 section 3.1: 400). */
export function malformedCredentials(): Problem {
  return new Problem('invalid_request', {
    detail: 'Send one Authorization header with one bearer token.',
    headers: { 'www-authenticate': challengeFor('bearer', 'invalid_request') },
  })
}

/** Why is for the log, in `cause`; the wire says the same of every bad token. */
export function invalidToken(cause: Error, by: TokenScheme = 'bearer'): Problem {
  return new Problem('invalid_token', {
    headers: { 'www-authenticate': challengeFor(by, 'invalid_token') },
    cause,
  })
}

/** The token may be good, but who sends it did not prove to be its holder (RFC 9449 section 7.1). */
export function invalidProof(cause: Error): Problem {
  return new Problem('invalid_dpop_proof', {
    headers: { 'www-authenticate': challengeFor('dpop', 'invalid_dpop_proof') },
    cause,
  })
}

/** RFC 9449 section 9. */
export function dpopNonceWanted(nonce: string): Problem {
  const challenge = challengeFor('dpop', 'use_dpop_nonce')
  return new Problem('use_dpop_nonce', { headers: { 'www-authenticate': challenge, 'dpop-nonce': nonce } })
}

/** The credential is good and carries too little (RFC 6750 section 3.1: 403, with what is needed where that helps). */
export function insufficientScope(needed: readonly string[], by: TokenScheme = 'bearer'): Problem {
  const scope = needed.length === 0 ? [] : [`scope="${needed.join(' ')}"`]
  return new Problem('insufficient_scope', {
    headers: { 'www-authenticate': challengeFor(by, 'insufficient_scope', scope) },
  })
}
