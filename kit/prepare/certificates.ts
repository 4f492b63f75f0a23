import { X509Certificate } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { issuedIn } from '../authority/folder.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/types.ts'
import { StartError } from '../errors.ts'
import { createCa, issueWorkload } from '../mtls/ca.ts'
import { spiffeId, spiffeIdIn } from '../mtls/identity.ts'
import { certificatesIn } from '../mtls/pem.ts'
import { authorityInUse, authorityPatienceMs, tryHoldAuthority } from './authority-lock.ts'
import { readIfThere } from './files.ts'
import { belongsTo, issuerIn } from './issuer.ts'
import { replacedFile, replacePair, writePair } from './pair.ts'

const workloads = ['gateway', 'users', 'orders', 'inventory'] as const
const caDays = 3650
const workloadDays = 365
const dayMs = 86_400_000
/** What expires sooner than this is made anew at a start. */
const renewMs = 7 * dayMs
const loopback = ['localhost', '127.0.0.1', '::1']

/** What stays on disk of the CA when its key is kept elsewhere. */
interface Authority {
  readonly certPem: string
  /** Only that of the certificate. */
  readonly keyPem: string | undefined
}

/**
 * Makes the CA and the workloads' certificates where they are missing, of another trust domain, damaged, not valid yet, or
 * expire within 7 days; and, of what else was issued here for this trust domain, what is of no use any more.
 * @throws StartError when a certificate must be issued and the CA's key is not there, the CA is not valid yet, or somebody
 * else changes what is in its folder for too long
 */
export function prepareCertificates(certsDir: string, config: Config, clock: Clock): void {
  // Who has all of it is no concern of somebody who replaces the CA.
  const present = authorityIn(certsDir, config.trustDomain, clock)
  if (present !== undefined && dueIn(certsDir, config, present, clock).length === 0) return
  const release = tryHoldAuthority(certsDir, authorityPatienceMs)
  if (release === undefined) throw authorityInUse(certsDir)
  try {
    makeMissing(certsDir, config, clock)
  } finally {
    release()
  }
}

/** Nobody else may issue, or make a CA, meanwhile; somebody may have done so just before. */
function makeMissing(certsDir: string, config: Config, clock: Clock): void {
  const { trustDomain } = config
  const authority = authorityIn(certsDir, trustDomain, clock) ?? makeAuthority(certsDir, trustDomain, clock)
  for (const { name, hosts } of dueIn(certsDir, config, authority, clock)) {
    issue(certsDir, name, hosts, { authority, trustDomain, clock })
  }
}

interface Due {
  readonly name: string
  readonly hosts: readonly string[]
}

function dueIn(certsDir: string, config: Config, authority: Authority, clock: Clock): readonly Due[] {
  const { trustDomain } = config
  const ours = workloads.filter((name) => !isUsable(certsDir, name, trustDomain, authority.certPem, clock))
  const others = authority.keyPem === undefined ? [] : othersDue(certsDir, trustDomain, clock)
  return [...ours.map((name) => ({ name, hosts: hostsOf(name, config) })), ...others]
}

/** Services of the operator's own: another CA shuts them out, and nobody would look at theirs before they end. */
function othersDue(certsDir: string, trustDomain: string, clock: Clock): readonly Due[] {
  const bundle = parseBundle(readIfThere(join(certsDir, 'ca.pem')) ?? '')
  return issuedIn(certsDir).filter(({ name, spiffeId: id }) => {
    const isOurs = workloads.some((ours) => ours === name)
    if (isOurs || id !== spiffeId(trustDomain, name)) return false
    // The key may be with the service alone.
    const certificate = parseCertificate(readIfThere(join(certsDir, `${name}.pem`)) ?? '')
    return certificate !== undefined && !counts(certificate, bundle, clock)
  })
}

/** @returns undefined where one must be made */
function authorityIn(certsDir: string, trustDomain: string, clock: Clock): Authority | undefined {
  const pem = readIfThere(join(certsDir, 'ca.pem'))
  const keyPem = readIfThere(join(certsDir, 'ca.key'))
  const bundle = parseBundle(pem ?? '')
  const issuer = issuerIn(bundle, keyPem)
  const ca = issuer ?? bundle[0]
  if (ca !== undefined && isAuthority(ca, trustDomain, clock)) {
    refuseTooEarly(ca, certsDir, clock)
    return { certPem: ca.toString(), keyPem: issuer && keyPem }
  }
  if (pem !== undefined && keyPem === undefined) {
    throw new StartError(`the CA in ${certsDir} has expired or is not the one of ${trustDomain}`, {
      hint: 'its key is kept elsewhere: put a certificate there that fits, or remove the folder to have a new CA made',
    })
  }
  return undefined
}

function makeAuthority(certsDir: string, trustDomain: string, clock: Clock): Authority {
  const made = createCa({ trustDomain, days: caDays, now: new Date(clock.now()) })
  // What the CA before took back is refused with it; beside its list, nothing of a CA that has none would be let in.
  for (const name of ['crl.pem', 'revoked.txt', replacedFile]) rmSync(join(certsDir, name), { force: true })
  writePair(certsDir, 'ca', made)
  return made
}

function isAuthority(certificate: X509Certificate, trustDomain: string, clock: Clock): boolean {
  if (!certificate.ca || expiresSoon(certificate, clock)) return false
  return certificate.subjectAltName === `URI:spiffe://${trustDomain}`
}

/** Which of the two clocks is wrong only a person can tell; a new CA would shut out everybody whom this one has certified. */
function refuseTooEarly({ validFromDate }: X509Certificate, certsDir: string, clock: Clock): void {
  if (validFromDate.getTime() <= clock.now()) return
  throw new StartError(`the CA in ${certsDir} is not valid before ${validFromDate.toISOString()}`, {
    hint: 'set the clock of this machine; if it is right now and was not then, remove the folder to have a new CA made',
  })
}

function isUsable(certsDir: string, name: string, trustDomain: string, caPem: string, clock: Clock): boolean {
  const certificate = parseCertificate(readIfThere(join(certsDir, `${name}.pem`)) ?? '')
  return (
    certificate !== undefined &&
    counts(certificate, parseBundle(caPem), clock) &&
    spiffeIdIn(certificate.subjectAltName ?? '') === spiffeId(trustDomain, name) &&
    belongsTo(certificate, readIfThere(join(certsDir, `${name}.key`)) ?? '')
  )
}

/** For some time to come, with whoever trusts these. */
function counts(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  clock: Clock,
): boolean {
  if (certificate.validFromDate.getTime() > clock.now() || expiresSoon(certificate, clock)) return false
  return authorities.some((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey))
}

interface IssueOptions {
  readonly authority: Authority
  readonly trustDomain: string
  readonly clock: Clock
}

function issue(certsDir: string, name: string, hosts: readonly string[], o: IssueOptions): void {
  const { certPem, keyPem } = o.authority
  if (keyPem === undefined) {
    throw new StartError(`the certificate of ${name} in ${certsDir} is missing, damaged or expires soon`, {
      hint: `the CA's key is not there: issue ${name}.pem and ${name}.key with it and put them there`,
    })
  }
  const made = issueWorkload({
    ca: { certPem, keyPem },
    trustDomain: o.trustDomain,
    name,
    hosts,
    days: workloadDays,
    now: new Date(o.clock.now()),
  })
  replacePair(certsDir, name, made, o.clock.now())
}

/** The names under which the configuration reaches a workload; its SPIFFE ID is what counts between ours. */
function hostsOf(name: string, config: Config): readonly string[] {
  const targets = Object.values(config.upstreams).flatMap((upstream) =>
    upstream.identity === name ? upstream.targets.map(({ url }) => url) : [],
  )
  const origins = name === 'gateway' ? [config.gateway.internal.origin] : targets
  const names = origins.map((origin) => new URL(origin).hostname.replaceAll(/^\[|\]$/g, ''))
  return [...new Set([...loopback, ...names])]
}

function expiresSoon(certificate: X509Certificate, clock: Clock): boolean {
  return certificate.validToDate.getTime() - clock.now() < renewMs
}

function parseBundle(pem: string): readonly X509Certificate[] {
  try {
    return certificatesIn(pem)
  } catch {
    // Unreadable is as good as missing: it will be made anew.
    return []
  }
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    // As above.
    return undefined
  }
}
