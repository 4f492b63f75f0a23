import fc from 'fast-check'
import t from 'tap'
import { FrameBoundaries } from '../../gateway/websocket/frames.ts'

/** A frame of a server with a payload of so many bytes (RFC 6455 section 5.2). */
function frameOf(length: number): Buffer {
  const payload = Buffer.alloc(length, 0x81)
  if (length < 126) return Buffer.concat([Buffer.from([0x82, length]), payload])
  const head = Buffer.alloc(length < 65_536 ? 4 : 10)
  head.set([0x82, length < 65_536 ? 126 : 127])
  if (length < 65_536) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

const lengths = fc.array(fc.oneof(fc.nat(130), fc.constantFrom(0, 125, 126, 65_535, 65_536)), {
  minLength: 1,
  maxLength: 8,
})

t.test('property: however a stream is cut, the ends of its frames are found, and no others', async () => {
  fc.assert(
    fc.property(lengths, fc.array(fc.integer({ min: 1, max: 5000 })), (frames, cuts) => {
      const bytes = Buffer.concat(frames.map(frameOf))
      const ends = new Set<number>()
      let sum = 0
      for (const length of frames) ends.add((sum += frameOf(length).length))
      const boundaries = new FrameBoundaries()
      let at = 0
      for (const size of [...cuts, bytes.length]) {
        at += boundaries.follow(bytes.subarray(at, at + size))
        if (at > 0 && boundaries.isBetweenFrames !== ends.has(at)) return false
      }
      return at === bytes.length
    }),
  )
})

t.test('property: told to stop, it stops at the first end', async () => {
  fc.assert(
    fc.property(lengths, (frames) => {
      const [first = 0] = frames
      return new FrameBoundaries().follow(Buffer.concat(frames.map(frameOf)), true) === frameOf(first).length
    }),
  )
})

t.test('masked frames have four bytes more', async (t) => {
  const boundaries = new FrameBoundaries()
  t.equal(boundaries.follow(Buffer.from([0x81, 0x82, 1, 2, 3, 4, 5, 6, 0x81]), true), 8)
})
