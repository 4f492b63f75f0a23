import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import * as der from './der.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  crlNumber,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  type Purpose,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.ts'
import { spiffeId } from './identity.ts'

export type { Purpose } from './extensions.ts'

/** A certificate and its private key (PKCS #8), both PEM. */
export interface CertifiedKey {
  readonly certPem: string
  readonly keyPem: string
}

const dayMs = 86_400_000
// Clocks of machines differ a little; a certificate must be valid on all of them at once.
const backdateMs = 300_000
/** ecdsa-with-SHA256 (RFC 5758 section 3.2). */
const signatureAlgorithm = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'))

/**
 * Makes the trust domain's certificate authority: P-256, self-signed, for leaf certificates only.
 * @param o.days how long it is valid, from `now`.
 */
export function createCa(o: {
  readonly trustDomain: string
  readonly days: number
  readonly now: Date
}): CertifiedKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = commonName(`${o.trustDomain} CA`)
  const certPem = certificate({
    ...o,
    notAfter: daysAfter(o.now, o.days),
    issuer: name,
    subject: name,
    publicKey: publicKeyInfo(publicKey),
    signingKey: privateKey,
    extensions: [
      basicConstraints(true),
      keyUsage(true),
      // X509-SVID section 3.1: a signing certificate names the trust domain, without a path.
      subjectAltName(`spiffe://${o.trustDomain}`, []),
      subjectKeyIdentifier(keyIdentifier(publicKeyInfo(publicKey))),
    ],
  })
  return { certPem, keyPem: pkcs8(privateKey) }
}

/**
 * Issues a workload's certificate (X509-SVID): P-256, the SPIFFE ID as its one URI.
 * @param o.hosts DNS names and IP addresses to carry besides, for clients that know nothing of SPIFFE.
 * @param o.days how long it is valid, from `now`; never longer than the CA, without which nobody takes it.
 * @param o.purposes what it may be used as in TLS; a workload is both, which is the default.
 */
export function issueWorkload(o: {
  readonly ca: CertifiedKey
  readonly trustDomain: string
  readonly name: string
  readonly hosts: readonly string[]
  readonly days: number
  readonly now: Date
  readonly purposes?: readonly Purpose[]
}): CertifiedKey {
  const id = spiffeId(o.trustDomain, o.name)
  const authority = readAuthority(o.ca)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const wanted = daysAfter(o.now, o.days)
  const certPem = certificate({
    ...o,
    notAfter: wanted < authority.notAfter ? wanted : authority.notAfter,
    issuer: authority.name,
    subject: commonName(o.name),
    publicKey: publicKeyInfo(publicKey),
    signingKey: authority.key,
    extensions: [
      basicConstraints(false),
      keyUsage(false),
      extendedKeyUsage(o.purposes ?? ['client', 'server']),
      subjectAltName(id, o.hosts),
      subjectKeyIdentifier(keyIdentifier(publicKeyInfo(publicKey))),
      authorityKeyIdentifier(authority.keyId),
    ],
  })
  return { certPem, keyPem: pkcs8(privateKey) }
}

/**
 * The list of certificates that a CA has taken back (RFC 5280 section 5). Whoever is given one takes no certificate of
 * that CA without it, so a bundle of two CAs needs the lists of both.
 * @param o.serials of the certificates, hexadecimal as Node writes them.
 * @param o.days until it must be replaced: after that, every certificate of the CA is refused.
 */
export function createRevocationList(o: {
  readonly ca: CertifiedKey
  readonly serials: readonly string[]
  readonly days: number
  readonly now: Date
}): string {
  const authority = readAuthority(o.ca)
  const revoked = o.serials.map((serial) => der.sequence(serialNumber(serial), der.time(o.now)))
  const number = Buffer.alloc(8)
  // It must grow from list to list, and the time does.
  number.writeBigUInt64BE(BigInt(o.now.getTime()))
  const extensions = der.sequence(authorityKeyIdentifier(authority.keyId), crlNumber(number))
  const list = der.sequence(
    der.integer(Buffer.from([1])),
    signatureAlgorithm,
    authority.name,
    der.time(new Date(o.now.getTime() - backdateMs)),
    der.time(daysAfter(o.now, o.days)),
    // An empty sequence is not allowed: it is left out.
    ...(revoked.length === 0 ? [] : [der.sequence(...revoked)]),
    der.element(0xa0, extensions),
  )
  return pem('X509 CRL', signed(list, authority.key))
}

interface Certificate {
  readonly issuer: Buffer
  readonly subject: Buffer
  readonly publicKey: Buffer
  readonly signingKey: KeyObject
  readonly extensions: readonly Buffer[]
  readonly now: Date
  readonly notAfter: Date
}

/** RFC 5280 section 4.1, version 3. */
function certificate(o: Certificate): string {
  const body = der.sequence(
    der.element(0xa0, der.integer(Buffer.from([2]))),
    // Section 4.1.2.2: positive, at most 20 octets.
    der.integer(Buffer.concat([Buffer.from([1]), randomBytes(16)])),
    signatureAlgorithm,
    o.issuer,
    der.sequence(der.time(new Date(o.now.getTime() - backdateMs)), der.time(o.notAfter)),
    o.subject,
    o.publicKey,
    der.element(0xa3, der.sequence(...o.extensions)),
  )
  return pem('CERTIFICATE', signed(body, o.signingKey))
}

function signed(body: Buffer, key: KeyObject): Buffer {
  return der.sequence(body, signatureAlgorithm, der.bitString(sign('sha256', body, key)))
}

function readAuthority(ca: CertifiedKey): {
  readonly name: Buffer
  readonly keyId: Buffer
  readonly key: KeyObject
  readonly notAfter: Date
} {
  const { raw, publicKey, validToDate: notAfter } = new X509Certificate(ca.certPem)
  const key = createPrivateKey(ca.keyPem)
  if (!createPublicKey(key).equals(publicKey))
    throw new TypeError("the CA's certificate and key are not a pair")
  const [body = Buffer.alloc(0)] = der.elementsIn(raw)
  // Version, serial number, algorithm, issuer, validity, subject: as it stands there, byte for byte.
  const name = der.elementsIn(body)[5]
  if (name === undefined) throw new TypeError("the CA's certificate has no subject")
  return { name, keyId: keyIdentifier(publicKeyInfo(publicKey)), key, notAfter }
}

function daysAfter(now: Date, days: number): Date {
  return new Date(now.getTime() + days * dayMs)
}

function commonName(text: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectIdentifier('2.5.4.3'), der.utf8String(text))))
}

function serialNumber(hexadecimal: string): Buffer {
  if (!/^[0-9a-fA-F]{1,40}$/.test(hexadecimal)) throw new RangeError('a serial number is hexadecimal')
  return der.integer(
    Buffer.from(hexadecimal.padStart(hexadecimal.length + (hexadecimal.length % 2), '0'), 'hex'),
  )
}

function publicKeyInfo(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

function pkcs8(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** RFC 7468. */
function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
