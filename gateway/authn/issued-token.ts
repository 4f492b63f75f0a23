import type { AccessClaims } from '@gatehouse/kit/tokens/claims'
import type { JwksClient } from '@gatehouse/kit/tokens/jwks-client'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { AccessTokenVerifier } from './access-token-verifier.ts'

/**
 * Proves a token that comes straight from the issuer: where its key is unknown here, it is new there, and is fetched at once.
 * @throws TokenRejected, Problem `not_ready`
 */
export async function verifyIssued(
  { verifier, jwks }: { readonly verifier: AccessTokenVerifier; readonly jwks: JwksClient },
  token: string,
): Promise<AccessClaims> {
  try {
    return (await verifier.verify(token)).claims
  } catch (error) {
    if (!(error instanceof TokenRejected) || error.reason !== 'unknown_key') throw error
    await jwks.renew()
    return (await verifier.verify(token)).claims
  }
}
