import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { StartError } from '../errors.ts'
import { createRevocationList } from '../mtls/ca.ts'
import { publicMode, readIfThere, replaceFile } from '../prepare/files.ts'
import { replacedIn, writeReplaced } from '../prepare/pair.ts'
import { issuedIn, openAuthority } from './folder.ts'
import { whileHeld } from './lock.ts'

/** A list that has run out refuses everybody, so on one machine it lives as long as the CA. */
const listDays = 3650

/**
 * Takes a workload's certificate back, with those that it replaced and that are still valid, and removes its files:
 * `crl.pem` beside the CA names them, and whoever reads that folder refuses them from then on and ends the connections that
 * they have, within a second.
 * @throws StartError when there is no such certificate, or while the CA is being replaced.
 */
export async function revokeCertificate(o: RevokeOptions): Promise<string> {
  return whileHeld(o.certsDir, () => revoke(o))
}

export interface RevokeOptions {
  readonly certsDir: string
  readonly name: string
  readonly clock: Clock
}

async function revoke({ certsDir, name, clock }: RevokeOptions): Promise<string> {
  const { ca, bundle } = openAuthority(certsDir)
  if (bundle.length > 1) {
    throw new StartError('the CA is being replaced, and a list of revoked certificates must come from each', {
      hint: "'npm run -s cli -- certs rotate' finishes that first",
    })
  }
  const found = issuedIn(certsDir).find((issued) => issued.name === name)
  if (found === undefined) {
    throw new StartError(`there is no certificate of ${name} in ${certsDir}`, {
      hint: "'npm run -s cli -- certs list' shows what there is",
    })
  }
  const all = replacedIn(certsDir)
  const replaced = all.filter((one) => one.name === name).map(({ serial }) => serial)
  const serials = [...new Set([...revokedSerials(certsDir), ...replaced, found.serial])]
  await writeList(certsDir, ca, serials, clock)
  for (const end of ['pem', 'key']) rmSync(join(certsDir, `${name}.${end}`), { force: true })
  const others = all.filter((one) => one.name !== name)
  if (replaced.length > 0) writeReplaced(certsDir, others, clock.now())
  return found.serial
}

/** Serial numbers that have been taken back, kept in text beside the list that is made of them. */
export function revokedSerials(certsDir: string): readonly string[] {
  return (readIfThere(join(certsDir, 'revoked.txt')) ?? '')
    .split('\n')
    .filter((line) => /^[0-9A-F]+$/.test(line))
}

async function writeList(
  certsDir: string,
  ca: { readonly certPem: string; readonly keyPem: string },
  serials: readonly string[],
  clock: Clock,
): Promise<void> {
  const list = createRevocationList({ ca, serials, days: listDays, now: new Date(clock.now()) })
  replaceFile(join(certsDir, 'revoked.txt'), `${serials.join('\n')}\n`, publicMode)
  replaceFile(join(certsDir, 'crl.pem'), list, publicMode)
}
