import fc from 'fast-check'
import t from 'tap'
import { HeaderNames } from '../../gateway/upstream/header-names.ts'

const names = ['etag', 'vary', 'x-a', 'x-b', 'content-type', 'content-length', '~', '{', 'a1-_']

t.test('finds what a set of lower-case texts would find, for any bytes', (t) => {
  const known = new HeaderNames(names)
  const set = new Set(names)
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 16 }),
    fc
      .constantFrom(...names, 'ETag', 'ETAG', 'X-A', 'x\ra', 'content_type', 'A1-_', '^', '[', 'A\u0011-_')
      .map((text) => Buffer.from(text, 'latin1')),
  )
  fc.assert(
    fc.property(bytes, (given) => {
      const text = Buffer.from(given)
        .toString('latin1')
        .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
      return known.find(given) === (set.has(text) ? text : undefined)
    }),
    { numRuns: 2000 },
  )
  t.equal(known.find(Buffer.from('Content-Length')), 'content-length')
  t.equal(known.find(Buffer.from('^')), undefined, 'not the ~ that differs in the same bit')
  t.equal(known.find(Buffer.from('')), undefined)
  t.end()
})
