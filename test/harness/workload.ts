import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@gatehouse/kit/clock'
import type { Config } from '@gatehouse/kit/config/types'
import { createLogger } from '@gatehouse/kit/log'
import { issueWorkload } from '@gatehouse/kit/mtls/ca'
import { workloadFiles } from '@gatehouse/kit/mtls/material'
import type { DataPaths } from '@gatehouse/kit/paths'
import type { ServiceContext } from '@gatehouse/kit/service/context'

/** Issues a certificate for a service of your own, and says what it has to know to stand behind this gateway. */
export async function newWorkload(
  name: string,
  port: number,
  house: { readonly config: Config; readonly paths: DataPaths; readonly log: { write(line: string): void } },
): Promise<ServiceContext> {
  const { config, paths } = house
  const files = workloadFiles(paths.certs, name)
  const { certPem, keyPem } = issueWorkload({
    ca: {
      certPem: readFileSync(files.ca, 'utf8'),
      keyPem: readFileSync(join(paths.certs, 'ca.key'), 'utf8'),
    },
    trustDomain: config.trustDomain,
    name,
    hosts: ['localhost', '127.0.0.1', '::1'],
    days: 1,
    now: new Date(),
  })
  writeFileSync(files.cert, certPem)
  writeFileSync(files.key, keyPem, { mode: 0o600 })
  return {
    files,
    trustDomain: config.trustDomain,
    issuer: config.gateway.internalIssuer,
    door: config.gateway.internal.origin,
    listen: { host: 'localhost', port },
    clock: systemClock,
    log: createLogger({ name, destination: house.log }),
  }
}
