import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { importJWK, SignJWT } from 'jose'

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A client assertion (RFC 7523 section 2.2) with the key in a file; `changes` replaces claims. */
export async function clientAssertion(
  client: { readonly id: string; readonly keyFile: string; readonly issuer: string },
  changes: Readonly<Record<string, unknown>> = {},
  expires = '60s',
): Promise<string> {
  const jwk = JSON.parse(readFileSync(client.keyFile, 'utf8'))
  const claims = { iss: client.id, sub: client.id, aud: client.issuer, jti: randomUUID(), ...changes }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(await importJWK(jwk, 'ES256'))
}
