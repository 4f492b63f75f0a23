import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import t from 'tap'
import { signatureFromDer, signatureToDer, signEs256, verifyEs256 } from '@gatehouse/kit/tokens/es256'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rawEncoding = 'ieee-p1363'

/** 32 bytes with so many zeros in front; the byte after them has its first bit set or clear. */
function number(zeros: number, isHigh: boolean): Buffer {
  const bytes = randomBytes(32)
  bytes.fill(0, 0, zeros)
  if (zeros < 32)
    bytes[zeros] = isHigh ? 0x80 | randomBytes(1).readUInt8() : 1 + (randomBytes(1).readUInt8() >> 2)
  return bytes
}

t.test(
  'r and s with any number of leading zeros and either first bit survive the way to DER and back',
  async (t) => {
    let wrong = 0
    for (let r = 0; r <= 32; r++) {
      for (let s = 0; s <= 32; s++) {
        for (const [high, higher] of [
          [true, true],
          [true, false],
          [false, true],
          [false, false],
        ] as const) {
          const signature = Buffer.concat([number(r, high), number(s, higher)])
          if (!signatureFromDer(signatureToDer(signature)).equals(signature)) wrong++
        }
      }
    }
    t.equal(wrong, 0)
  },
)

t.test('it agrees with node:crypto in both directions', async (t) => {
  for (let round = 0; round < 300; round++) {
    const input = randomBytes(round).toString('base64url')
    const key = { key: privateKey, dsaEncoding: rawEncoding } as const
    t.ok(verifyEs256(input, publicKey, sign('sha256', Buffer.from(input), key)))
    const made = signEs256(input, privateKey)
    t.ok(verify('sha256', Buffer.from(input), { key: publicKey, dsaEncoding: rawEncoding }, made))
    const der = sign('sha256', Buffer.from(input), privateKey)
    t.ok(signatureToDer(signatureFromDer(der)).equals(der))
  }
})

t.test('each changed bit makes a signature bad, and never an exception', async (t) => {
  const signature = signEs256('input', privateKey)
  for (let bit = 0; bit < 512; bit++) {
    const changed = Buffer.from(signature)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    t.notOk(verifyEs256('input', publicKey, changed))
  }
})

t.test('signatures that are none', async (t) => {
  const signature = signEs256('input', privateKey)
  const zero = Buffer.alloc(32)
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
  const bad: Record<string, Buffer> = {
    empty: Buffer.alloc(0),
    'one byte short': signature.subarray(1),
    'one byte long': Buffer.concat([signature, Buffer.alloc(1)]),
    DER: sign('sha256', Buffer.from('input'), privateKey),
    'all zero': Buffer.alloc(64),
    's zero': Buffer.concat([signature.subarray(0, 32), zero]),
    'r zero': Buffer.concat([zero, signature.subarray(32)]),
    'r the order of the curve': Buffer.concat([order, signature.subarray(32)]),
    'all ones': Buffer.alloc(64, 0xff),
  }
  for (const [name, bytes] of Object.entries(bad)) t.notOk(verifyEs256('input', publicKey, bytes), name)
  t.throws(() => signatureToDer(signature.subarray(1)), RangeError)
  t.throws(() => signatureToDer(Buffer.alloc(65)), RangeError)
})

t.test('DER that is none', async (t) => {
  const one = [2, 1, 1]
  const bad: Record<string, readonly number[]> = {
    empty: [],
    'another tag': [0x31, 6, ...one, ...one],
    'a length that is too small': [0x30, 5, ...one, ...one],
    'a length that is too large': [0x30, 7, ...one, ...one],
    'one integer': [0x30, 3, ...one],
    'three integers': [0x30, 9, ...one, ...one, ...one],
    'an integer without bytes': [0x30, 5, 2, 0, ...one],
    'an integer beyond the end': [0x30, 6, ...one, 2, 9, 1],
    'a negative integer': [0x30, 6, 2, 1, 0x80, ...one],
    'a zero too many': [0x30, 7, 2, 2, 0, 1, ...one],
    'an octet string': [0x30, 6, 4, 1, 1, ...one],
    '33 bytes of digits': [0x30, 38, 2, 33, 1, ...Array.from({ length: 32 }, () => 0), ...one],
    'the long form of a length': [0x30, 0x81, 6, ...one, ...one],
  }
  for (const [name, bytes] of Object.entries(bad)) {
    t.throws(() => signatureFromDer(Uint8Array.from(bytes)), RangeError, name)
  }
  t.ok(signatureFromDer(Uint8Array.from([0x30, 6, ...one, ...one])))
})
