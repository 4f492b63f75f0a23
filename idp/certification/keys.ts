import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { MasterKey } from '@gatehouse/kit/secrets'
import type { JWK } from 'oidc-provider'

const algorithms = ['RS256', 'PS256'] as const
const context = 'idp.certification keys'
const modulusLength = 2048

/**
 * RSA keys, one for each algorithm that the old plans ask for; only under the certification profile. They rest sealed in one
 * file of the data folder, are made once, and never turn.
 * @throws SecretsError when they were sealed under another master key
 */
export function certificationKeys(file: string, masterKey: MasterKey): readonly JWK[] {
  if (!existsSync(file)) makeOnce(file, masterKey)
  const pems = masterKey.open(readFileSync(file, 'utf8'), context).split('\n\n')
  return algorithms.map((alg, index) => jwkOf(alg, pems[index] ?? ''))
}

/** Of several processes that start at once one makes them: a link to a file that is there fails. */
function makeOnce(file: string, masterKey: MasterKey): void {
  const pems = algorithms.map(() =>
    generateKeyPairSync('rsa', { modulusLength })
      .privateKey.export({ format: 'pem', type: 'pkcs8' })
      .toString()
      .trim(),
  )
  const own = `${file}.${process.pid}`
  writeFileSync(own, masterKey.seal(pems.join('\n\n'), context), { mode: 0o600 })
  try {
    linkSync(own, file)
  } catch (error) {
    if (!existsSync(file)) throw error
  } finally {
    rmSync(own)
  }
}

function jwkOf(alg: string, pem: string): JWK {
  const { kty, n, e, d, p, q, dp, dq, qi } = createPrivateKey(pem).export({ format: 'jwk' })
  // RFC 7638: the required members in the order of their names.
  const kid = createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url')
  return { kty, n, e, d, p, q, dp, dq, qi, alg, kid, use: 'sig' }
}
