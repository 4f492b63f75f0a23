import { Problem } from '@gatehouse/kit/errors'

const realm = 'gatehouse'
const scheme = `Bearer realm="${realm}"`
/** RFC 9449 section 7.1. */
const dpopScheme = `DPoP realm="${realm}", algs="ES256"`

/** No credential at all: a bare challenge (RFC 6750 section 3.1). */
export function missingCredentials(): Problem {
  return new Problem('missing_credentials', { headers: { 'www-authenticate': `${scheme}, ${dpopScheme}` } })
}

/** `Authorization` cannot be read (RFC 6750 section 3.1: 400). */
export function malformedCredentials(): Problem {
  return new Problem('invalid_request', {
    detail: 'Send one Authorization header with one bearer token.',
    headers: { 'www-authenticate': `${scheme}, error="invalid_request"` },
  })
}

/** Why is for the log, in `cause`; the wire says the same of every bad token. */
export function invalidToken(cause: Error): Problem {
  return new Problem('invalid_token', {
    headers: { 'www-authenticate': `${scheme}, error="invalid_token"` },
    cause,
  })
}

/** The same for a token with the scheme `DPoP`. */
export function invalidBoundToken(cause: Error): Problem {
  return new Problem('invalid_token', {
    headers: { 'www-authenticate': `${dpopScheme}, error="invalid_token"` },
    cause,
  })
}

/** The token may be good, but who sends it did not prove to be its holder (RFC 9449 section 7.1). */
export function invalidProof(cause: Error): Problem {
  return new Problem('invalid_dpop_proof', {
    headers: { 'www-authenticate': `${dpopScheme}, error="invalid_dpop_proof"` },
    cause,
  })
}

/** RFC 9449 section 9. */
export function dpopNonceWanted(nonce: string): Problem {
  const challenge = `${dpopScheme}, error="use_dpop_nonce"`
  return new Problem('use_dpop_nonce', { headers: { 'www-authenticate': challenge, 'dpop-nonce': nonce } })
}

/** The credential is good and carries too little (RFC 6750 section 3.1: 403, with what is needed where that helps). */
export function insufficientScope(needed: readonly string[]): Problem {
  const scope = needed.length === 0 ? '' : `, scope="${needed.join(' ')}"`
  return new Problem('insufficient_scope', {
    headers: { 'www-authenticate': `${scheme}, error="insufficient_scope"${scope}` },
  })
}
