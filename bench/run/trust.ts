import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trustDomain, upstreamName } from './names.ts'
import type { TlsMaterial } from './stage.ts'

export interface Trust {
  readonly gateway: TlsMaterial
  readonly upstream: TlsMaterial
}

/** Makes a CA and the two workloads that the bench needs, and puts them where a data folder has them. */
export async function makeTrust(dataDir: string): Promise<Trust> {
  const certs = join(dataDir, 'certs')
  mkdirSync(certs, { recursive: true, mode: 0o700 })
  const now = new Date()
  const ca = await createCa({ trustDomain, days: 2, now })
  const issued: TlsMaterial[] = []
  for (const name of ['gateway', upstreamName]) {
    const { certPem, keyPem } = await issueWorkload({
      ca,
      trustDomain,
      name,
      hosts: ['localhost', '127.0.0.1'],
      days: 2,
      now,
    })
    writeFileSync(join(certs, `${name}.pem`), certPem)
    writeFileSync(join(certs, `${name}.key`), keyPem, { mode: 0o600 })
    issued.push({ ca: ca.certPem, cert: certPem, key: keyPem })
  }
  writeFileSync(join(certs, 'ca.pem'), ca.certPem)
  writeFileSync(join(certs, 'ca.key'), ca.keyPem, { mode: 0o600 })
  const [gateway, upstream] = issued
  if (gateway === undefined || upstream === undefined) throw new Error('no certificates were made')
  return { gateway, upstream }
}
