import { Problem } from '@gatehouse/kit/errors'

const realm = 'gatehouse'
const scheme = `Bearer realm="${realm}"`

/** No credential at all: a bare challenge (RFC 6750 section 3.1). */
export function missingCredentials(): Problem {
  return new Problem('missing_credentials', { headers: { 'www-authenticate': scheme } })
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

/** The credential is good and carries too little (RFC 6750 section 3.1: 403, with what is needed where that helps). */
export function insufficientScope(needed: readonly string[]): Problem {
  const scope = needed.length === 0 ? '' : `, scope="${needed.join(' ')}"`
  return new Problem('insufficient_scope', {
    headers: { 'www-authenticate': `${scheme}, error="insufficient_scope"${scope}` },
  })
}
