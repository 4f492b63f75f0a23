import fc from 'fast-check'
import t from 'tap'
import { holds } from '../harness/holds.ts'
import { canonicalTarget } from '../../gateway/routing/canonical-path.ts'

t.test('plain targets stay as they are', async (t) => {
  for (const target of [
    '/',
    '/api/orders',
    '/api/orders/',
    '/a.b/c..d/...',
    "/!$&'()*+,=:@-._~",
    '/%C3%A4%20%25',
  ]) {
    t.same(canonicalTarget(target), { path: target, query: '' }, target)
  }
  t.same(canonicalTarget('/a?b=../c//%2e'), { path: '/a', query: '?b=../c//%2e' }, 'a query is data')
  t.same(canonicalTarget('/a?'), { path: '/a', query: '?' })
})

t.test('what means the same is written in one way', async (t) => {
  t.equal(canonicalTarget('/%61pi/%6frders')?.path, '/api/orders')
  t.equal(canonicalTarget('/%7Ealice')?.path, '/~alice')
  t.equal(canonicalTarget('/%c3%a4')?.path, '/%C3%A4')
})

const refused: Readonly<Record<string, string>> = {
  '': 'nothing',
  'api/orders': 'no slash',
  '*': 'asterisk form',
  'http://localhost/api': 'absolute form',
  '//api': 'empty segment',
  '/api//orders': 'empty segment',
  '/api/./orders': 'dot segment',
  '/api/../orders': 'dot segments',
  '/api/..': 'dot segments at the end',
  '/..;/orders': 'path parameter after dots',
  '/api;v=1/orders': 'path parameter',
  '/api%3Bv=1': 'encoded semicolon',
  '/%2e%2e/orders': 'encoded dots',
  '/api/%2E': 'encoded dot',
  '/api%2forders': 'encoded slash',
  '/api%5Corders': 'encoded backslash',
  '/api\\orders': 'backslash',
  '/api/%252e%252e/orders': 'encoded twice',
  '/api%25%32%66orders': 'encoded twice, in pieces',
  '/api/%00': 'NUL',
  '/api/%0d%0aset-cookie:a': 'line end',
  '/api/%c2%85': 'C1 control',
  '/api/\u0000': 'raw NUL',
  '/api/a b': 'space',
  '/api/%': 'half an escape',
  '/api/%4': 'half an escape',
  '/api/%zz': 'no hexadecimal',
  '/api/%u002e': 'no escape of URLs',
  '/api/%ff': 'not UTF-8',
  '/api/%c0%ae': 'overlong dot',
  '/api/%ed%a0%80': 'surrogate',
  '/api/ä': 'raw byte above 127',
  '/api#orders': 'fragment',
  '/api?a#b': 'fragment after the query',
  '/api?ä': 'raw byte in the query',
  '/a"b': 'quote',
}

t.test('what two readers could take in two ways is refused', async (t) => {
  for (const [target, why] of Object.entries(refused)) t.equal(canonicalTarget(target), undefined, why)
})

/** Everything that made trouble somewhere, in any order. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      '/',
      '.',
      '..',
      '%',
      '%2e',
      '%2F',
      '%5c',
      '%25',
      '\\',
      ';',
      '%00',
      '%3b',
      '%c3',
      '%a4',
      '?',
    ),
    fc.string({ maxLength: 4 }),
    fc.constantFrom('api', 'orders', '%61', '%C0%AE', 'ä', '\t', '%0a'),
  ),
  { maxLength: 12 },
)

t.test('whatever comes is refused, or means one thing only', async (t) => {
  holds(
    t,
    fc.property(pieces, (parts) => {
      const target = canonicalTarget(`/${parts.join('')}`)
      if (target === undefined) return
      const { path, query } = target
      const again = canonicalTarget(path + query)
      if (again?.path !== path || again.query !== query) throw new Error(`${path} is not stable`)
      const url = new URL(`http://host${path}${query}`)
      if (url.pathname !== path) throw new Error(`the WHATWG parser reads ${path} as ${url.pathname}`)
      const once = decodeURIComponent(path)
      if (once.split('/').length !== path.split('/').length)
        throw new Error(`${path} decodes to other segments`)
      if (/(?:^|\/)\.{1,2}(?:\/|$)|\/\/|\\|;/.test(once)) throw new Error(`${path} decodes to ${once}`)
      if (/%(?:[0-9A-F]{2})/i.test(once)) throw new Error(`${path} can be decoded twice`)
    }),
    { numRuns: 20_000 },
  )
})
