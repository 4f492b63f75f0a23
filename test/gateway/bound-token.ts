import { createHash, randomUUID } from 'node:crypto'
import { exportJWK, SignJWT, type generateKeyPair } from 'jose'
import type { Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>

/** A DPoP proof (RFC 9449 section 4.2). @param token what it is presented with, at a resource */
export async function dpopProof(
  { privateKey, publicKey }: KeyPair,
  to: { readonly htm: string; readonly htu: string },
  token?: string,
): Promise<string> {
  const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') }
  return new SignJWT({ ...to, ...ath, jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .sign(privateKey)
}

/** An access token of `demo-machine` that is bound to a key. */
export async function requestBoundToken(platform: Platform, key: KeyPair): Promise<string> {
  const htu = `${platform.config.issuer}/oauth/token`
  const secret = platform.credentials.clientSecret('demo-machine') ?? ''
  const answer = await fetch(htu, {
    method: 'POST',
    headers: {
      dpop: await dpopProof(key, { htm: 'POST', htu }),
      authorization: `Basic ${Buffer.from(`demo-machine:${secret}`).toString('base64')}`,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'orders:read' }),
  })
  return textField(await answer.json(), 'access_token')
}
