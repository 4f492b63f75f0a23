export type RasterType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'

interface Raster {
  readonly type: RasterType
  readonly width: number
  readonly height: number
  readonly isStill: boolean
}

/** Of either side. Few bytes can say that they are a picture that fills a browser's memory. */
const maxPixels = 2048

/**
 * What kind of picture these bytes are, by what they begin with and never by what somebody calls them. Undefined for
 * everything but PNG, JPEG, GIF and WebP, for what moves (WCAG 2.2, criterion 2.2.2), and for what is too large to be drawn.
 */
export function rasterType(bytes: Buffer): RasterType | undefined {
  const raster = png(bytes) ?? gif(bytes) ?? webp(bytes) ?? jpeg(bytes)
  if (raster?.isStill !== true) return undefined
  return canBeDrawn(raster.width) && canBeDrawn(raster.height) ? raster.type : undefined
}

function canBeDrawn(side: number): boolean {
  return side >= 1 && side <= maxPixels
}

/** PNG, third edition, sections 5.2, 11.2.1 and 11.3.6.1. */
function png(bytes: Buffer): Raster | undefined {
  if (bytes.length < 33 || !startsWith(bytes, 0, '\x89PNG\r\n\x1a\n') || !startsWith(bytes, 12, 'IHDR'))
    return undefined
  const width = bytes.readUInt32BE(16)
  const height = bytes.readUInt32BE(20)
  let isStill = true
  for (let at = 8; at + 12 <= bytes.length && !startsWith(bytes, at + 4, 'IDAT');) {
    if (startsWith(bytes, at + 4, 'acTL')) isStill = false
    at += 12 + bytes.readUInt32BE(at)
  }
  return { type: 'image/png', width, height, isStill }
}

/** GIF89a, sections 17 to 27: one image, and nothing that follows it. */
function gif(bytes: Buffer): Raster | undefined {
  if (bytes.length < 14 || !(startsWith(bytes, 0, 'GIF87a') || startsWith(bytes, 0, 'GIF89a')))
    return undefined
  const isStill = gifImages(bytes) === 1
  return { type: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8), isStill }
}

function gifImages(bytes: Buffer): number {
  let count = 0
  let at = 13 + colourTable(bytes[10])
  while (at < bytes.length) {
    const kind = bytes[at]
    if (kind === 0x2c) {
      count += 1
      at = afterBlocks(bytes, at + 11 + colourTable(bytes[at + 9]))
    } else if (kind === 0x21) at = afterBlocks(bytes, at + 2)
    else break
  }
  return count
}

function colourTable(flags = 0): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1)
}

function afterBlocks(bytes: Buffer, start: number): number {
  let at = start
  for (let size = bytes[at] ?? 0; size > 0; size = bytes[at] ?? 0) at += size + 1
  return at + 1
}

/** RFC 9649, sections 2.5 to 2.7; RFC 6386, section 9.1. */
function webp(bytes: Buffer): Raster | undefined {
  if (bytes.length < 30 || !startsWith(bytes, 0, 'RIFF') || !startsWith(bytes, 8, 'WEBP')) return undefined
  const type = 'image/webp'
  if (startsWith(bytes, 12, 'VP8X')) {
    const isStill = (bytes.readUInt8(20) & 2) === 0
    return { type, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1, isStill }
  }
  if (startsWith(bytes, 12, 'VP8L')) {
    const sides = bytes.readUInt32LE(21)
    return { type, width: (sides & 0x3fff) + 1, height: ((sides >>> 14) & 0x3fff) + 1, isStill: true }
  }
  if (!startsWith(bytes, 12, 'VP8 ')) return undefined
  const [width, height] = [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff]
  return { type, width, height, isStill: true }
}

/** ITU-T T.81, sections B.1.1 and B.2.2: the sides stand in the frame header, wherever that is. */
function jpeg(bytes: Buffer): Raster | undefined {
  if (!startsWith(bytes, 0, '\xff\xd8\xff')) return undefined
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes.readUInt8(at + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) {
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)]
      return { type: 'image/jpeg', width, height, isStill: true }
    }
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}

function startsWith(bytes: Buffer, at: number, text: string): boolean {
  return bytes.toString('latin1', at, at + text.length) === text
}
