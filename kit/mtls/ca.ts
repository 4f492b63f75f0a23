import { randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import { spiffeId } from './identity.ts'

/** A certificate and its private key (PKCS #8), both PEM. */
export interface CertifiedKey {
  readonly certPem: string
  readonly keyPem: string
}

export type Purpose = 'server' | 'client'

const dayMs = 86_400_000
// Clocks of machines differ a little; a certificate must be valid on all of them at once.
const backdateMs = 300_000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signature = { name: 'ECDSA', hash: 'SHA-256' } as const

/**
 * Makes the trust domain's certificate authority: P-256, self-signed, for leaf certificates only.
 * @param o.days how long it is valid, from `now`.
 */
export async function createCa(o: {
  readonly trustDomain: string
  readonly days: number
  readonly now: Date
}): Promise<CertifiedKey> {
  const x509 = await loadX509()
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(o),
    name: `CN=${o.trustDomain} CA`,
    keys,
    signingAlgorithm: signature,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      // X509-SVID section 3.1: a signing certificate names the trust domain, without a path.
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: `spiffe://${o.trustDomain}` }]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certPem: pem(certificate.toString('pem')), keyPem: await exportKey(keys.privateKey) }
}

/**
 * Issues a workload's certificate (X509-SVID): P-256, the SPIFFE ID as its one URI.
 * @param o.hosts DNS names and IP addresses to carry besides, for clients that know nothing of SPIFFE.
 * @param o.purposes what it may be used as in TLS; a workload is both, which is the default.
 */
export async function issueWorkload(o: {
  readonly ca: CertifiedKey
  readonly trustDomain: string
  readonly name: string
  readonly hosts: readonly string[]
  readonly days: number
  readonly now: Date
  readonly purposes?: readonly Purpose[]
}): Promise<CertifiedKey> {
  const id = spiffeId(o.trustDomain, o.name)
  const x509 = await loadX509()
  const authority = new x509.X509Certificate(o.ca.certPem)
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const hosts = o.hosts.map((value) => ({
    type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
    value,
  }))
  const usage = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth }
  const purposes = o.purposes ?? ['client', 'server']
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(o),
    subject: `CN=${o.name}`,
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: await importKey(o.ca.keyPem),
    signingAlgorithm: signature,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(purposes.map((purpose) => usage[purpose])),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: id }, ...hosts]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  })
  return { certPem: pem(certificate.toString('pem')), keyPem: await exportKey(keys.privateKey) }
}

/**
 * The list of certificates that a CA has taken back (RFC 5280 section 5). Whoever is given one takes no certificate of
 * that CA without it, so a bundle of two CAs needs the lists of both.
 * @param o.serials of the certificates, hexadecimal as Node writes them.
 * @param o.days until it must be replaced: after that, every certificate of the CA is refused.
 */
export async function createRevocationList(o: {
  readonly ca: CertifiedKey
  readonly serials: readonly string[]
  readonly days: number
  readonly now: Date
}): Promise<string> {
  const x509 = await loadX509()
  const list = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(o.ca.certPem).subject,
    thisUpdate: new Date(o.now.getTime() - backdateMs),
    nextUpdate: new Date(o.now.getTime() + o.days * dayMs),
    entries: o.serials.map((serialNumber) => ({ serialNumber, revocationDate: o.now })),
    signingAlgorithm: signature,
    signingKey: await importKey(o.ca.keyPem),
  })
  // The library writes `BEGIN CRL`, which OpenSSL reads past (RFC 7468 section 6).
  return pem(list.toString('pem').replaceAll(/(BEGIN|END) CRL-/g, '$1 X509 CRL-'))
}

// Loaded when a certificate is made, which is at first start only: it takes longer than a whole server to load.
async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  // The library's container asks for constructor metadata (`reflect-metadata`). Its classes carry none, and "none"
  // is also what its answer is without one.
  for (const name of ['getMetadata', 'getOwnMetadata']) {
    if (!(name in Reflect))
      Object.defineProperty(Reflect, name, { value: () => undefined, configurable: true })
  }
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto)
  return x509
}

function validity(o: { readonly days: number; readonly now: Date }) {
  return {
    // RFC 5280 section 4.1.2.2: positive, at most 20 octets.
    serialNumber: `01${randomBytes(16).toString('hex')}`,
    notBefore: new Date(o.now.getTime() - backdateMs),
    notAfter: new Date(o.now.getTime() + o.days * dayMs),
  }
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  const lines = der.match(/.{1,64}/g) ?? []
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n')
}

async function importKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(keyPem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

function pem(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
