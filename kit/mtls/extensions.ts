import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import * as der from './der.ts'

// The extensions of RFC 5280 section 4.2 that the trust domain's certificates carry, each as one element.

export type Purpose = 'server' | 'client'

const purposeIds = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const

/** Section 4.2.1.9; critical. An authority's signs leaf certificates only: path length 0. */
export function basicConstraints(isAuthority: boolean): Buffer {
  const content = isAuthority ? [der.yes, der.integer(Buffer.from([0]))] : []
  return extension('2.5.29.19', der.sequence(...content), 'critical')
}

/** Section 4.2.1.3; critical. `keyCertSign` and `cRLSign` for an authority, else `digitalSignature`. */
export function keyUsage(isAuthority: boolean): Buffer {
  const content = isAuthority
    ? der.bitString(Buffer.from([0b0000_0110]), 1)
    : der.bitString(Buffer.from([0x80]), 7)
  return extension('2.5.29.15', content, 'critical')
}

/** Section 4.2.1.12. */
export function extendedKeyUsage(purposes: readonly Purpose[]): Buffer {
  const ids = purposes.map((purpose) => der.objectIdentifier(purposeIds[purpose]))
  return extension('2.5.29.37', der.sequence(...ids))
}

/** Section 4.2.1.6: the SPIFFE ID as the one URI, and then DNS names and addresses. */
export function subjectAltName(id: string, hosts: readonly string[]): Buffer {
  return extension('2.5.29.17', der.sequence(der.element(0x86, ascii(id)), ...hosts.map(hostName)))
}

/** Section 4.2.1.2. @param keyId as `keyIdentifier` makes it. */
export function subjectKeyIdentifier(keyId: Buffer): Buffer {
  return extension('2.5.29.14', der.octetString(keyId))
}

/** Section 4.2.1.1. */
export function authorityKeyIdentifier(keyId: Buffer): Buffer {
  return extension('2.5.29.35', der.sequence(der.element(0x80, keyId)))
}

/** Section 5.2.3. */
export function crlNumber(number: Buffer): Buffer {
  return extension('2.5.29.20', der.integer(number))
}

/**
 * The SHA-1 of the public key's bits (section 4.2.1.2, method 1). A name to find a key by; nothing trusts it.
 * @param publicKeyInfo SubjectPublicKeyInfo.
 */
export function keyIdentifier(publicKeyInfo: Buffer): Buffer {
  const [, bits = Buffer.alloc(0)] = der.elementsIn(publicKeyInfo)
  // Tag, length and the count of unused bits; a P-256 key's length is one byte.
  return createHash('sha1').update(bits.subarray(3)).digest()
}

function extension(id: string, content: Buffer, critical?: 'critical'): Buffer {
  const mark = critical === undefined ? [] : [der.yes]
  return der.sequence(der.objectIdentifier(id), ...mark, der.octetString(content))
}

function hostName(host: string): Buffer {
  const version = isIP(host)
  if (version === 0) return der.element(0x82, ascii(host))
  return der.element(0x87, version === 4 ? Buffer.from(host.split('.').map(Number)) : ipv6(host))
}

function ipv6(host: string): Buffer {
  // The URL parser writes any form of it as hexadecimal groups (WHATWG URL, IPv6 serializer).
  const written = new URL(`http://[${host}]`).hostname.slice(1, -1)
  const [head = '', tail] = written.split('::')
  const before = groups(head)
  const after = groups(tail ?? '')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

function groups(text: string): readonly string[] {
  return text.split(':').filter((group) => group !== '')
}

function ascii(text: string): Buffer {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new RangeError('a name in a certificate is printable ASCII')
  return Buffer.from(text, 'ascii')
}
