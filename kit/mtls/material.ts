import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../errors.ts'
import { spiffeId, spiffeIdIn } from './identity.ts'

/** What a workload needs to prove who it is and to know its own: PEM texts. */
export interface WorkloadMaterial {
  readonly spiffeId: string
  readonly trustDomain: string
  readonly cert: string
  readonly key: string
  readonly ca: string
}

/**
 * Reads a workload's certificate, its key and the CA from `<certsDir>/{<name>.pem,<name>.key,ca.pem}`.
 * @throws StartError when one is missing, they do not belong together or name another workload.
 */
export function loadWorkload(certsDir: string, trustDomain: string, name: string): WorkloadMaterial {
  const material = {
    spiffeId: spiffeId(trustDomain, name),
    trustDomain,
    cert: read(join(certsDir, `${name}.pem`)),
    key: read(join(certsDir, `${name}.key`)),
    ca: read(join(certsDir, 'ca.pem')),
  }
  const fault = faultOf(material)
  if (fault === undefined) return material
  throw new StartError(`the certificate of ${name} in ${certsDir} cannot be used: ${fault}`, {
    hint: `remove ${name}.pem and ${name}.key there and start again to have them made anew`,
  })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StartError(`${path} cannot be read`, { hint: 'certificates are made at first start', cause })
  }
}

function faultOf(material: WorkloadMaterial): string | undefined {
  try {
    const certificate = new X509Certificate(material.cert)
    const authority = new X509Certificate(material.ca)
    if (!certificate.checkPrivateKey(createPrivateKey(material.key)))
      return 'the key belongs to another certificate'
    if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) {
      return 'it was not issued by this CA'
    }
    if (spiffeIdIn(certificate.subjectAltName ?? '') !== material.spiffeId)
      return `it does not name ${material.spiffeId}`
    return undefined
  } catch {
    return 'it is not readable PEM'
  }
}
