import type { TokenReason, TokenRejected } from '@gatehouse/kit/tokens/strict-jws'

/** Error codes of RFC 8935 section 2.4, which RFC 8936 uses too. */
type SetError =
  'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience' | 'authentication_failed'

const codes: Partial<Record<TokenReason, SetError>> = {
  bad_issuer: 'invalid_issuer',
  bad_audience: 'invalid_audience',
  bad_algorithm: 'invalid_key',
  unknown_key: 'invalid_key',
  bad_signature: 'authentication_failed',
}

/** What the transmitter is told of a SET that was not taken. */
export function setError({ reason }: TokenRejected): {
  readonly err: SetError
  readonly description: string
} {
  return { err: codes[reason] ?? 'invalid_request', description: `the SET was refused: ${reason}` }
}
