import { X509Certificate, createPrivateKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { StartError } from '../errors.ts'
import { spiffeId, spiffeIdIn, trustDomainOf } from './identity.ts'
import { certificatesIn, revocationListsIn } from './pem.ts'
import { serialsIn } from './revoked.ts'

/** What a workload needs to prove who it is and to know its own: PEM texts. */
export interface WorkloadMaterial {
  readonly spiffeId: string
  readonly trustDomain: string
  /** The workload's certificate, and after it those between it and the CA, if there are any. */
  readonly cert: string
  readonly key: string
  /** The trust bundle: one CA, or the old and the new one while they change. */
  readonly ca: string
  /** Lists of revoked certificates (RFC 5280 section 5), one for every CA of the bundle. */
  readonly crl?: string
}

/** Where a workload's material is. cert-manager, step-ca and SPIRE's helper each write such files. */
export interface WorkloadFiles {
  readonly cert: string
  readonly key: string
  readonly ca: string
  /** Read when it is there. */
  readonly crl?: string
}

/** The files as the data folder and `cli certs` lay them out: `<name>.pem`, `<name>.key`, `ca.pem`, `crl.pem`. */
export function workloadFiles(certsDir: string, name: string): WorkloadFiles {
  const at = (file: string): string => join(certsDir, file)
  return { cert: at(`${name}.pem`), key: at(`${name}.key`), ca: at('ca.pem'), crl: at('crl.pem') }
}

/**
 * Reads a workload's certificate, its key and the CA from `<certsDir>/{<name>.pem,<name>.key,ca.pem}`.
 * @throws StartError when one is missing, they do not belong together or name another workload.
 */
export function loadWorkload(certsDir: string, trustDomain: string, name: string): WorkloadMaterial {
  return readWorkload(workloadFiles(certsDir, name), { name, trustDomain })
}

/**
 * Reads a workload's files.
 * @param expect.trustDomain default: the one that the certificate names.
 * @throws StartError when one is missing, they do not belong together or name another workload.
 */
export function readWorkload(
  files: WorkloadFiles,
  expect: { readonly name: string; readonly trustDomain?: string | undefined },
): WorkloadMaterial {
  const [cert, key, ca] = [read(files.cert), read(files.key), read(files.ca)]
  const trustDomain = expect.trustDomain ?? certifiedTrustDomain(cert) ?? 'unknown'
  const material = { spiffeId: spiffeId(trustDomain, expect.name), trustDomain, cert, key, ca }
  const fault = faultOf(material)
  if (fault === undefined) return { ...material, ...revocationsIn(files.crl) }
  throw new StartError(`the certificate of ${expect.name} in ${files.cert} cannot be used: ${fault}`, {
    hint: "issue it anew: 'npm run -s cli -- certs issue <name>', or what writes your certificates",
  })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StartError(`${path} cannot be read`, {
      hint: "first start makes the house's certificates; 'npm run -s cli -- certs issue <name>' those of your services",
      cause,
    })
  }
}

function revocationsIn(file: string | undefined): { readonly crl?: string } {
  if (file === undefined || !existsSync(file)) return {}
  const crl = read(file)
  if (isRevocationList(crl)) return { crl }
  // Passing it over would let everybody in that it was to keep out.
  throw new StartError(`${file} holds no list of revoked certificates`, {
    hint: "it begins with '-----BEGIN X509 CRL-----'; remove it if nothing is revoked",
  })
}

function isRevocationList(crl: string): boolean {
  const lists = revocationListsIn(crl)
  try {
    createSecureContext({ crl: [...lists] })
    serialsIn(crl)
  } catch {
    return false
  }
  return lists.length > 0
}

function certifiedTrustDomain(cert: string): string | undefined {
  const [leaf] = certificatesIn(cert)
  return leaf && trustDomainOf(leaf.subjectAltName ?? '')
}

function faultOf(material: WorkloadMaterial): string | undefined {
  try {
    const [leaf, ...between] = certificatesIn(material.cert)
    if (leaf === undefined) return 'it is not readable PEM'
    if (!leaf.checkPrivateKey(createPrivateKey(material.key))) return 'the key belongs to another certificate'
    if (!isIssued(leaf, between, certificatesIn(material.ca))) return 'it was not issued by this CA'
    if (spiffeIdIn(leaf.subjectAltName ?? '') !== material.spiffeId)
      return `it does not name ${material.spiffeId}`
    // What comes after the leaf is read by OpenSSL alone, and may be half written.
    createSecureContext({ cert: material.cert, key: material.key, ca: material.ca })
    return undefined
  } catch {
    return 'it is not readable PEM'
  }
}

/** Each by the next one, and the last by one of the bundle. */
function isIssued(
  leaf: X509Certificate,
  between: readonly X509Certificate[],
  bundle: readonly X509Certificate[],
): boolean {
  const by = (issuer: X509Certificate): boolean => leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey)
  if (bundle.some(by)) return true
  const [next, ...rest] = between
  return next !== undefined && by(next) && isIssued(next, rest, bundle)
}
