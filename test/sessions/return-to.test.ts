import fc from 'fast-check'
import t from 'tap'
import { holds } from '../harness/holds.ts'
import { parseReturnTo } from '../../gateway/http/return-to.ts'

const origin = 'https://shop.example'

const refused = [
  '',
  'orders',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '/%5cevil.example',
  '/%5Cevil.example',
  '/%2fevil.example',
  '/%2e%2e/evil',
  '\\\\evil.example',
  'https://evil.example/',
  'https:evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '/\t/evil.example',
  '\t//evil.example',
  '/\n/evil.example',
  ' //evil.example',
  '/a\r\nSet-Cookie: x=1',
  '/a\u0000',
  '/%00',
  '/%0d%0aSet-Cookie:x',
  '/a//b',
  '/./evil',
  '/../evil',
  '/a/..',
  '/%zz',
  '/%2',
  '/ä',
  '/<script>',
  '/auth/login?return_to=/auth/login',
  '/auth',
  '@evil.example',
  `/${'a'.repeat(1024)}`,
]

for (const text of refused) {
  t.equal(parseReturnTo(text), undefined, `refused: ${JSON.stringify(text.slice(0, 60))}`)
}

const accepted = [
  '/',
  '/orders',
  '/orders/42?tab=a%20b&next=/x//y',
  '/a#part',
  '/a?q=%2F%2F',
  '/authors',
  '/%C3%A4',
]
for (const text of accepted) t.equal(parseReturnTo(text), text, `kept as it is: ${text}`)

/** Pieces that attacks are made of, in any order, and anything else. */
const pieces = fc.constantFrom(
  '/',
  '\\',
  '%5c',
  '%2f',
  '.',
  '..',
  '@',
  ':',
  'https:',
  'evil.example',
  '\t',
  '\n',
  '?',
  '#',
  '%',
  'a',
  '%2e',
  '\u00a0',
  '//',
)
const hostile = fc.oneof(
  fc.array(pieces, { maxLength: 8 }).map((parts) => `/${parts.join('')}`),
  fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.webUrl(),
)

t.test('whatever is accepted stays on this site, for every reader', async (t) => {
  holds(
    t,
    fc.property(hostile, (text) => {
      const returnTo = parseReturnTo(text)
      if (returnTo === undefined) return
      const url = new URL(returnTo, origin)
      const decoded = new URL(url.pathname.replace(/%(?:5c|2f)|\\/gi, '/'), origin)
      if (url.origin !== origin || decoded.origin !== origin) throw new Error(`leaves: ${returnTo}`)
      // Canonical: a browser goes exactly where it was told.
      if (url.href !== `${origin}${returnTo}`) throw new Error(`changed on the way: ${returnTo}`)
    }),
    { numRuns: 20_000 },
  )
})

t.test('every plain path is accepted', async () => {
  const segment = fc.stringMatching(/^[a-z0-9_-]{1,12}$/)
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
      const path = `/${segments.join('/')}`
      return segments[0] === 'auth' || parseReturnTo(path) === path
    }),
  )
})
