import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCa, issueWorkload, type CertifiedKey } from '../mtls/ca.ts'
import { loadWorkload, type WorkloadMaterial } from '../mtls/material.ts'
import { createSigningKey, type TestKey } from './tokens.ts'

/** What services trust: a CA, certificates of workloads, and the key of internal tokens. All made for one test. */
export interface Trust {
  readonly trustDomain: string
  /** `iss` of internal tokens. */
  readonly issuer: string
  /** Laid out as in the data folder. */
  readonly certsDir: string
  readonly ca: CertifiedKey
  readonly key: TestKey
  workload(name: string): WorkloadMaterial
  /** Removes the folder, if it was made for this. */
  remove(): void
}

export interface TrustOptions {
  /** Workloads that get a certificate, besides `gateway`. */
  readonly names: readonly string[]
  /** An existing folder of the test's own; default: one in the system's folder for temporary files. */
  readonly dir?: string
  /** Default `gatehouse.test`. */
  readonly trustDomain?: string
}

export async function createTrust(o: TrustOptions): Promise<Trust> {
  const { trustDomain = 'gatehouse.test' } = o
  const now = new Date()
  const dir = o.dir ?? mkdtempSync(join(tmpdir(), 'gatehouse-trust-'))
  const certsDir = join(dir, 'certs')
  mkdirSync(certsDir, { recursive: true })
  const ca = createCa({ trustDomain, days: 1, now })
  writeFileSync(join(certsDir, 'ca.pem'), ca.certPem)
  const issue = async (name: string): Promise<void> => {
    const issued = issueWorkload({ ca, trustDomain, name, hosts: ['localhost'], days: 1, now })
    writeFileSync(join(certsDir, `${name}.pem`), issued.certPem)
    writeFileSync(join(certsDir, `${name}.key`), issued.keyPem, { mode: 0o600 })
  }
  await Promise.all([...new Set(['gateway', ...o.names])].map(issue))
  return {
    trustDomain,
    issuer: `urn:gatehouse:${trustDomain}:internal`,
    certsDir,
    ca,
    key: createSigningKey(),
    workload: (name) => loadWorkload(certsDir, trustDomain, name),
    remove: () => {
      if (o.dir === undefined) rmSync(dir, { recursive: true, force: true })
    },
  }
}
