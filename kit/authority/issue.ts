import type { Clock } from '../clock.ts'
import { StartError } from '../errors.ts'
import { issueWorkload } from '../mtls/ca.ts'
import { replacePair } from '../prepare/pair.ts'
import { issuedIn, openAuthority, type Issued } from './folder.ts'
import { whileHeld } from './lock.ts'

const loopback = ['localhost', '127.0.0.1', '::1']

export interface IssueOptions {
  readonly certsDir: string
  readonly name: string
  /** DNS names and addresses for clients that know nothing of SPIFFE. Default: those of the one that is replaced, or loopback. */
  readonly hosts?: readonly string[] | undefined
  readonly days: number
  readonly clock: Clock
}

/**
 * Issues a workload's certificate into the CA's folder, as `<name>.pem` and `<name>.key`; one that is there is replaced,
 * and whoever uses it takes the new one within a second.
 * @throws StartError
 */
export async function issueCertificate(o: IssueOptions): Promise<Issued> {
  checkName(o.name)
  return whileHeld(o.certsDir, async () => issue(o))
}

function checkName(name: string): void {
  if (/^[a-z][a-z0-9-]{0,62}$/.test(name) && name !== 'ca' && name !== 'crl') return
  throw new StartError(`'${name.slice(0, 80)}' is no name for a workload`, {
    hint: 'lower-case letters, digits and hyphens, a letter first; not ca or crl',
  })
}

/** Nobody else may issue meanwhile. */
function issue(o: IssueOptions): Issued {
  const { certsDir, name, days, clock } = o
  checkName(name)
  const { ca, trustDomain } = openAuthority(certsDir)
  const before = issuedIn(certsDir).find((issued) => issued.name === name)
  const hosts = o.hosts ?? before?.hosts ?? loopback
  const now = clock.now()
  const pair = issueWorkload({ ca, trustDomain, name, hosts, days, now: new Date(now) })
  replacePair(certsDir, name, pair, now)
  const made = issuedIn(certsDir).find((issued) => issued.name === name)
  if (made === undefined) throw new TypeError('what was issued is not there')
  return made
}

export interface RenewOptions {
  readonly certsDir: string
  /** 0 renews nothing that is valid; Infinity everything. */
  readonly withinMs: number
  readonly days: number
  readonly clock: Clock
}

/**
 * Issues anew what has less than this to live, all that can be.
 * @throws StartError the first, behind the last, of those that could not be issued.
 */
export async function renewCertificates(o: RenewOptions): Promise<readonly Issued[]> {
  // Who looks now and then is no concern of somebody who replaces the CA.
  if (dueIn(o).length === 0) return []
  return whileHeld(o.certsDir, async () => renewHeld(o))
}

/** The same for whoever holds the CA already. */
export function renewHeld(o: RenewOptions): readonly Issued[] {
  const renewed: Issued[] = []
  const failures: unknown[] = []
  for (const { name } of dueIn(o)) {
    try {
      renewed.push(issue({ ...o, name }))
    } catch (error) {
      // The others would run out because of this one.
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  return renewed
}

function dueIn({ certsDir, withinMs, clock }: RenewOptions): readonly Issued[] {
  return issuedIn(certsDir).filter(({ notAfter }) => notAfter - clock.now() <= withinMs)
}
