import { generateKeyPairSync } from 'node:crypto'
import { publicJwk } from '../keys/jwk.ts'
import { createFile, readIfThere, secretMode, writeFlushed } from './files.ts'

/** Makes a client's private key for `private_key_jwt`, as a JWK (RFC 7517) with its thumbprint as `kid`. */
export function prepareClientKey(path: string): void {
  if (readIfThere(path) !== undefined) return
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicJwk(publicKey), ...privateKey.export({ format: 'jwk' }) }
  createFile(path, (temporary) => writeFlushed(temporary, `${JSON.stringify(jwk, null, 2)}\n`, secretMode))
}
