import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import { StartError } from '../errors.ts'
import { createCa, createRevocationList, type CertifiedKey } from '../mtls/ca.ts'
import { publicMode, readIfThere, replaceFile, secretMode } from '../prepare/files.ts'
import { writeReplaced } from '../prepare/pair.ts'
import { issuedIn, openAuthority, type Issued } from './folder.ts'
import { renewHeld } from './issue.ts'
import { tryHold } from './lock.ts'

const caDays = 3650

export interface RotateOptions {
  readonly certsDir: string
  readonly days: number
  /** How long everybody needs to see a changed file, in milliseconds: they look every second. */
  readonly settleMs: number
  readonly clock: Clock
  /** Told before each step. */
  readonly step?: (text: string) => void
}

/**
 * Replaces the CA while everything runs, with a trust bundle that overlaps: both are trusted, then everybody gets a
 * certificate of the new one, then the old one is forgotten. Cut off at any moment, it is begun again.
 * Two at the same time would make each other's certificates worthless.
 * The certificate that `ca.key` belongs to is always in `ca.pem`.
 * @throws StartError where there is no CA, or somebody else is at it.
 */
export async function rotateAuthority(o: RotateOptions): Promise<readonly Issued[]> {
  const release = tryHold(o.certsDir)
  if (release === undefined) {
    throw new StartError(`the CA in ${o.certsDir} is being replaced already`, {
      hint: 'wait until that is done: `certs list` then shows new dates',
    })
  }
  try {
    return await rotate(o)
  } finally {
    release()
  }
}

async function rotate(o: RotateOptions): Promise<readonly Issued[]> {
  const { certsDir, clock, step = () => undefined } = o
  const old = openAuthority(certsDir)
  const made = createCa({ trustDomain: old.trustDomain, days: caDays, now: new Date(clock.now()) })
  step('trusting the new CA beside the old one')
  const lists = await listsOf(o, made)
  writeLists(certsDir, lists)
  // A rotation that was cut off may have left more than one, and certificates of each.
  const before = old.bundle.map(String)
  writeBundle(certsDir, [...before, made.certPem])
  await sleep(o.settleMs)
  step('issuing every certificate anew')
  replaceFile(join(certsDir, 'ca.key'), made.keyPem, secretMode)
  writeBundle(certsDir, [made.certPem, ...before])
  renewHeld({ certsDir, withinMs: Infinity, days: o.days, clock })
  await sleep(o.settleMs)
  step('forgetting the old CA')
  writeBundle(certsDir, [made.certPem])
  writeLists(certsDir, lists.slice(1))
  if (lists.length > 0) replaceFile(join(certsDir, 'revoked.txt'), '', publicMode)
  // All of them were the old CA's.
  writeReplaced(certsDir, [], clock.now())
  return issuedIn(certsDir)
}

/** What the old CA took back stays refused while it is trusted; then every CA needs a list, if an empty one. */
async function listsOf({ certsDir, clock }: RotateOptions, made: CertifiedKey): Promise<readonly string[]> {
  const old = readIfThere(join(certsDir, 'crl.pem'))
  if (old === undefined) return []
  const days = caDays
  return [old, createRevocationList({ ca: made, serials: [], days, now: new Date(clock.now()) })]
}

function writeLists(certsDir: string, lists: readonly string[]): void {
  if (lists.length > 0) replaceFile(join(certsDir, 'crl.pem'), lists.join(''), publicMode)
}

function writeBundle(certsDir: string, authorities: readonly string[]): void {
  replaceFile(join(certsDir, 'ca.pem'), authorities.join(''), publicMode)
}
