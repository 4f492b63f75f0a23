import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@gatehouse/kit/clock'
import { publicJwk } from '@gatehouse/kit/keys/jwk'
import type { SigningKey } from '@gatehouse/kit/keys/ring'
import { newTxn } from '@gatehouse/kit/http/txn'
import { createCa, issueWorkload, type CertifiedKey } from '@gatehouse/kit/mtls/ca'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { loadWorkload, type WorkloadMaterial } from '@gatehouse/kit/mtls/material'
import { signInternalToken, type InternalClaims } from '@gatehouse/kit/tokens/internal'

/** What services trust: a CA, certificates of the usual workloads, and the key of internal tokens. */
export interface Trust {
  readonly trustDomain: string
  /** `iss` of internal tokens. */
  readonly issuer: string
  /** Laid out as in the data folder. */
  readonly certsDir: string
  readonly ca: CertifiedKey
  readonly key: SigningKey
  workload(name: string): WorkloadMaterial
}

export const trustDomain = 'gatehouse.test'
export const internalIssuer = `urn:gatehouse:${trustDomain}:internal`

/** @param dir an existing folder of the test's own, such as `t.testdir()`. */
export async function createTrust(dir: string): Promise<Trust> {
  const now = new Date()
  const ca = await createCa({ trustDomain, days: 1, now })
  const certsDir = join(dir, 'certs')
  mkdirSync(certsDir, { recursive: true })
  writeFileSync(join(certsDir, 'ca.pem'), ca.certPem)
  for (const name of ['gateway', 'users', 'orders', 'inventory']) {
    const issued = await issueWorkload({ ca, trustDomain, name, hosts: ['localhost'], days: 1, now })
    writeFileSync(join(certsDir, `${name}.pem`), issued.certPem)
    writeFileSync(join(certsDir, `${name}.key`), issued.keyPem)
  }
  return {
    trustDomain,
    issuer: internalIssuer,
    certsDir,
    ca,
    key: createSigningKey(),
    workload: (name) => loadWorkload(certsDir, trustDomain, name),
  }
}

export function createSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kid } = publicJwk(publicKey)
  return { kid, alg: 'ES256', privateKey, publicKey, state: 'signing', createdAt: Date.now() }
}

/** Claims as the gateway writes them at the first hop, for Alice unless said otherwise. */
export function internalClaims(
  claims: Partial<InternalClaims> & { readonly aud: string },
  clock: Clock = { now: () => Date.now() },
): InternalClaims {
  const iat = Math.floor(clock.now() / 1000)
  return {
    iss: internalIssuer,
    sub: 'acc-alice',
    client_id: 'gateway',
    scope: '',
    txn: newTxn(),
    jti: randomUUID(),
    iat,
    exp: iat + 60,
    req_wl: spiffeId(trustDomain, 'gateway'),
    roles: ['customer'],
    rctx: { req_ip: '127.0.0.1', authn: 'session' },
    tctx: {},
    ...claims,
  }
}

/** An internal token for one service, as the gateway would mint it. */
export function internalToken(
  trust: Trust,
  claims: Partial<InternalClaims> & { readonly aud: string },
  clock?: Clock,
): string {
  return signInternalToken(internalClaims(claims, clock), trust.key)
}
