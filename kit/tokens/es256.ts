import { sign, verify, type KeyObject } from 'node:crypto'

const half = 32
const es256SignatureBytes = 2 * half

const sequence = 0x30
const integer = 0x02
/** Of a DER signature over P-256: two integers of at most 33 bytes, with a tag and a length each. */
const maxDerBytes = 2 + 2 * (2 + half + 1)

/**
 * Signs with ES256 (RFC 7518 section 3.4). Node signs in DER in half the time that its own conversion to r and s takes
 * (`dsaEncoding: 'ieee-p1363'`, 50 against 25 µs), so the conversion is done here.
 * @returns 64 bytes
 */
export function signEs256(input: string | Uint8Array, key: KeyObject): Buffer {
  const data = typeof input === 'string' ? Buffer.from(input) : input
  return signatureFromDer(sign('sha256', data, key))
}

/** Whether these are the 64 bytes of an ES256 signature of the input. DER is none: it has another length. */
export function verifyEs256(input: string, key: KeyObject, signature: Uint8Array): boolean {
  if (signature.length !== es256SignatureBytes) return false
  return verify('sha256', Buffer.from(input), key, signatureToDer(signature))
}

/**
 * r and s, 32 bytes each, of an ECDSA-Sig-Value (RFC 3279 section 2.2.3).
 * @throws RangeError for anything that is not one in DER with numbers that fit.
 */
export function signatureFromDer(der: Uint8Array): Buffer {
  const signature = Buffer.alloc(es256SignatureBytes)
  if (der.length > maxDerBytes || der[0] !== sequence || der[1] !== der.length - 2) throw malformed()
  const next = readInteger(der, 2, signature, half)
  if (readInteger(der, next, signature, es256SignatureBytes) !== der.length) throw malformed()
  return signature
}

/**
 * The ECDSA-Sig-Value of r and s.
 * @throws RangeError unless there are 64 bytes.
 */
export function signatureToDer(signature: Uint8Array): Buffer {
  if (signature.length !== es256SignatureBytes) throw malformed()
  const der = Buffer.allocUnsafe(maxDerBytes)
  const end = writeInteger(signature, half, der, writeInteger(signature, 0, der, 2))
  der[0] = sequence
  der[1] = end - 2
  return der.subarray(0, end)
}

/** Copies the integer at `at` so that it ends before `fieldEnd`. @returns where it ends */
function readInteger(der: Uint8Array, at: number, field: Buffer, fieldEnd: number): number {
  const length = der[at + 1] ?? 0
  const end = at + 2 + length
  if (der[at] !== integer || length === 0 || end > der.length) throw malformed()
  const first = der[at + 2] ?? 0
  const second = der[at + 3] ?? 0
  // The first bit is the sign, and a zero byte is there only to keep it clear.
  if (first > 0x7f || (first === 0 && length > 1 && second < 0x80)) throw malformed()
  const start = first === 0 ? at + 3 : at + 2
  if (end - start > half) throw malformed()
  field.set(der.subarray(start, end), fieldEnd - (end - start))
  return end
}

/** @returns where the integer ends */
function writeInteger(signature: Uint8Array, from: number, der: Buffer, at: number): number {
  let start = from
  const last = from + half - 1
  while (start < last && signature[start] === 0) start += 1
  const pad = (signature[start] ?? 0) > 0x7f ? 1 : 0
  const length = from + half - start + pad
  der[at] = integer
  der[at + 1] = length
  der[at + 2] = 0
  der.set(signature.subarray(start, from + half), at + 2 + pad)
  return at + 2 + length
}

function malformed(): RangeError {
  return new RangeError('not an ES256 signature')
}
