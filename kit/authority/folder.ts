import { X509Certificate } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../errors.ts'
import type { CertifiedKey } from '../mtls/ca.ts'
import { spiffeIdIn, trustDomainOf, workloadName } from '../mtls/identity.ts'
import { certificatesIn } from '../mtls/pem.ts'
import { readIfThere } from '../prepare/files.ts'
import { issuerIn } from '../prepare/issuer.ts'

/** The CA of one machine: `ca` is the certificate of the bundle whose key is there. */
export interface Authority {
  readonly ca: CertifiedKey
  readonly trustDomain: string
  /** The whole of `ca.pem`. */
  readonly bundle: readonly X509Certificate[]
}

/** @throws StartError when there is none in the folder, or not its key. */
export function openAuthority(certsDir: string): Authority {
  const bundle = readable(readIfThere(join(certsDir, 'ca.pem')) ?? '')
  const keyPem = readIfThere(join(certsDir, 'ca.key'))
  const issuer = issuerIn(bundle, keyPem)
  if (issuer === undefined || keyPem === undefined) {
    throw new StartError(`there is no CA with its key in ${certsDir}`, {
      hint: "'npm run -s cli -- prepare' makes one on one machine; where it is kept elsewhere, issue there",
    })
  }
  const trustDomain = domainOf(issuer)
  if (trustDomain === undefined) {
    throw new StartError(`the CA in ${certsDir} names no trust domain`, {
      hint: 'a CA of a trust domain has spiffe://<trust domain> as its one name (X509-SVID section 3.1)',
    })
  }
  return { ca: { certPem: issuer.toString(), keyPem }, trustDomain, bundle }
}

/** A CA that is trusted: one, or two while they change. */
export interface TrustedCa {
  /** Undefined where its certificate names none. */
  readonly trustDomain: string | undefined
  readonly serial: string
  /** Milliseconds since the epoch. */
  readonly notAfter: number
}

/** What is in `ca.pem`, whoever has the keys. */
export function trustedIn(certsDir: string): readonly TrustedCa[] {
  return readable(readIfThere(join(certsDir, 'ca.pem')) ?? '').map((ca) => ({
    trustDomain: domainOf(ca),
    serial: ca.serialNumber,
    notAfter: ca.validToDate.getTime(),
  }))
}

function domainOf(ca: X509Certificate): string | undefined {
  return /^URI:spiffe:\/\/([^/,]+)$/.exec(ca.subjectAltName ?? '')?.[1]
}

/** A workload's certificate in the folder. */
export interface Issued {
  readonly name: string
  readonly spiffeId: string
  readonly serial: string
  /** Milliseconds since the epoch. */
  readonly notAfter: number
  /** DNS names and addresses that it carries besides. */
  readonly hosts: readonly string[]
}

/** What has been issued and is still there, by name; not copies of it by other names. @throws StartError without the folder, or the file system's error */
export function issuedIn(certsDir: string): readonly Issued[] {
  return filesIn(certsDir)
    .filter((file) => file.endsWith('.pem') && !file.startsWith('.') && file !== 'crl.pem')
    .flatMap((file) =>
      describe(readIfThere(join(certsDir, file)) ?? '').filter(({ name }) => file === `${name}.pem`),
    )
    .toSorted((a, b) => a.name.localeCompare(b.name))
}

function filesIn(certsDir: string): readonly string[] {
  try {
    return readdirSync(certsDir)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause
    throw new StartError(`there are no certificates in ${certsDir}`, {
      hint: 'name the data folder of the house (--data); `prepare` or `npm start` makes those of a new one',
      cause,
    })
  }
}

function describe(pem: string): readonly Issued[] {
  const [leaf] = readable(pem)
  const names = leaf?.subjectAltName ?? ''
  const id = spiffeIdIn(names)
  const name = id === undefined ? undefined : workloadName(trustDomainOf(names) ?? '', id)
  if (leaf === undefined || id === undefined || name === undefined) return []
  const hosts = names.split(', ').flatMap((text) => /^(?:DNS|IP Address):(.+)$/.exec(text)?.[1] ?? [])
  return [{ name, spiffeId: id, serial: leaf.serialNumber, notAfter: leaf.validToDate.getTime(), hosts }]
}

/** Damaged is as good as missing, and no reason to pass over the others. */
function readable(pem: string): readonly X509Certificate[] {
  try {
    return certificatesIn(pem)
  } catch {
    return []
  }
}
