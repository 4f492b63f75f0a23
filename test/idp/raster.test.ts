import t from 'tap'
import { rasterType } from '../../idp/logos/raster.ts'
import { gif, jpeg, png, webp, webpExtended } from './pictures.ts'

t.test('still pictures are known by their bytes', (t) => {
  t.equal(rasterType(png(48, 32)), 'image/png')
  t.equal(rasterType(gif()), 'image/gif')
  t.equal(rasterType(webp), 'image/webp')
  t.equal(rasterType(webpExtended(640, 480)), 'image/webp')
  t.equal(rasterType(jpeg(64, 2048)), 'image/jpeg')
  t.end()
})

t.test('what moves, what is too large to draw, what ends early', (t) => {
  const cases: Readonly<Record<string, Buffer>> = {
    'a PNG that moves': png(8, 8, { moves: true }),
    'a GIF that moves': gif(2),
    'a GIF without an image': gif(0),
    'a WebP that moves': webpExtended(8, 8, true),
    'a wide PNG': png(2049, 1),
    'a high JPEG': jpeg(8, 2049),
    'a wide WebP': webpExtended(2049, 1),
    'a PNG of no width': png(0, 1),
    'half a PNG': png(8, 8).subarray(0, 30),
    'half a JPEG': jpeg(8, 8).subarray(0, 12),
    'half a GIF': gif().subarray(0, 13),
    'half a WebP': webp.subarray(0, 24),
    'a JPEG whose lengths lead nowhere': Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 0, 0, 0, 0, 0, 0]),
    nothing: Buffer.alloc(0),
  }
  for (const [name, bytes] of Object.entries(cases)) t.equal(rasterType(bytes), undefined, name)
  t.end()
})

t.test('everything else, however it begins', (t) => {
  const texts = [
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    '<!doctype html><script>alert(1)</script>',
    '%PDF-1.7 and more than thirty bytes of it',
    '\x00\x00\x01\x00 an icon, and more than thirty bytes of it',
    'BM a bitmap, and more than thirty bytes of it',
    ' \x89PNG\r\n\x1a\n with a blank before it, IHDR or not',
    'RIFF....WAVEfmt and more than thirty bytes of it',
  ]
  for (const text of texts) t.equal(rasterType(Buffer.from(text, 'latin1')), undefined, text.slice(0, 12))
  t.end()
})
