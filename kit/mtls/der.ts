/**
 * Writes DER (X.690): as much of it as a certificate and a list of revoked ones are made of. Every function answers one
 * whole element; a value that DER has no place for is a RangeError, never a certificate that says something else.
 */

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** An element with a tag of its own: `[n]` in the standards' words is 0x80 + n, and with others inside 0xa0 + n. */
export function element(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

export function sequence(...parts: readonly Buffer[]): Buffer {
  return element(tags.sequence, Buffer.concat(parts))
}

export function set(...parts: readonly Buffer[]): Buffer {
  return element(tags.set, Buffer.concat(parts))
}

/** A positive integer from its bytes, highest first. */
export function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first === -1 ? Buffer.alloc(1) : bytes.subarray(first)
  // A first bit of 1 would make it negative.
  const sign = Buffer.alloc((digits[0] ?? 0) >= 0x80 ? 1 : 0)
  return element(tags.integer, Buffer.concat([sign, digits]))
}

/** DER leaves out what is the default, so the one boolean that is ever written is `true`. */
export const yes = element(tags.boolean, Buffer.from([0xff]))

export function octetString(content: Buffer): Buffer {
  return element(tags.octetString, content)
}

/** @param unused bits at the end of the last byte that say nothing, 0 to 7. */
export function bitString(content: Buffer, unused = 0): Buffer {
  return element(tags.bitString, Buffer.concat([Buffer.from([unused]), content]))
}

export function utf8String(text: string): Buffer {
  return element(tags.utf8String, Buffer.from(text))
}

/** @param dotted `1.2.840.10045.4.3.2`; none of ours begins with 2. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = NaN, second = NaN, ...rest] = dotted.split('.').map(Number)
  const arcs = [first * 40 + second, ...rest]
  if (!/^[01](\.\d+)+$/.test(dotted) && !/^2\.5\.\d+(\.\d+)*$/.test(dotted)) {
    throw new RangeError(`${dotted} is not an object identifier that is written here`)
  }
  return element(tags.objectIdentifier, Buffer.from(arcs.flatMap(base128)))
}

/** UTCTime until 2049 and GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5), to the second. */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/\.\d{3}|[-:T]/g, '')
  if (!/^\d{14}Z$/.test(digits)) throw new RangeError('a time beyond the year 9999')
  const isUtc = at.getUTCFullYear() >= 1950 && at.getUTCFullYear() < 2050
  return isUtc
    ? element(tags.utcTime, Buffer.from(digits.slice(2), 'ascii'))
    : element(tags.generalizedTime, Buffer.from(digits, 'ascii'))
}

/**
 * The elements inside of an element that was written by somebody else, each whole.
 * @throws RangeError when it is not DER.
 */
export function elementsIn(whole: Buffer): readonly Buffer[] {
  const { start, end } = contentOf(whole, 0)
  const found: Buffer[] = []
  for (let at = start; at < end;) {
    const inner = contentOf(whole, at)
    if (inner.end > end) throw new RangeError('an element that ends after the one that it is in')
    found.push(whole.subarray(at, inner.end))
    at = inner.end
  }
  return found
}

function contentOf(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = bytes[at + 1] ?? 0x80
  const size = first < 0x80 ? 0 : first - 0x80
  const start = at + 2 + size
  // No element of a certificate is longer than 16 MiB; 0x80 alone is the indefinite length, which DER has not.
  if (first === 0x80 || size > 3 || start > bytes.length) throw new RangeError('not DER')
  const end = start + (size === 0 ? first : bytes.readUIntBE(at + 2, size))
  if (end > bytes.length) throw new RangeError('an element that is cut off')
  return { start, end }
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.from([0x80 + bytes.length, ...bytes])
}

function base128(arc: number): readonly number[] {
  const bytes = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift((rest % 128) + 128)
  return bytes
}
