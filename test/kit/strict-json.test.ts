import { parseStrictObject } from '@gatehouse/kit/tokens/strict-json'
import * as fc from 'fast-check'
import t from 'tap'

const read = (text: string) => parseStrictObject(Buffer.from(text))

t.test('what JSON.parse reads as an object with unique names is read the same', async (on) => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 5 })),
      fc.boolean(),
      (value, pretty) => {
        const text = pretty ? JSON.stringify(value, null, 2) : JSON.stringify(value)
        // Lone surrogates do not survive UTF-8; JSON.stringify escapes them.
        on.same(read(text), JSON.parse(text))
      },
    ),
    { numRuns: 300 },
  )
})

t.test('a name that appears twice is refused, wherever it is and however it is written', async (on) => {
  const name = fc.string({ unit: 'binary', maxLength: 8 })
  const escaped = (text: string): string =>
    `"${text.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
  const wrap = fc.constantFrom(
    (object: string) => object,
    (object: string) => `{"a":${object}}`,
    (object: string) => `{"a":[1,{"b":2},${object}]}`,
    (object: string) => `{"a":"}{\\"","b":${object},"c":[]}`,
  )
  const between = fc.constantFrom('', '"x":{"y":[{}]},', '"x\\"":"\\\\",', '"x":[["{"]],')
  fc.assert(
    fc.property(name, fc.boolean(), wrap, between, (twice, escape, wrapped, middle) => {
      const second = escape ? escaped(twice) : JSON.stringify(twice)
      const text = wrapped(`{${JSON.stringify(twice)}:1,${middle}${second} :2}`)
      JSON.parse(text)
      return read(text) === undefined
    }),
    { numRuns: 500 },
  )
  on.equal(read('{"iss":"a","\\u0069ss":"b"}'), undefined)
  on.equal(read('{"__proto__":1,"__proto__":2}'), undefined)
})

t.test('equal names in different objects, and names as values, are no duplicates', async (on) => {
  for (const text of [
    '{"a":{"a":{"a":1}}}',
    '{"a":[{"x":1},{"x":2}],"x":3}',
    '{"a":"a","b":"a"}',
    '{"a":["a","a","b"],"b":["b"]}',
    '{"a":{},"b":{},"c":[{},{}]}',
    '{"a":"\\"a\\":","b":1}',
    '{"a:b":"c:d","\\\\":"\\\\:",":":[":"]}',
    '{"":1," ":2}',
  ]) {
    on.same(read(text), JSON.parse(text), text)
  }
})

t.test('only one UTF-8 JSON object is an object', async (on) => {
  for (const text of [
    '',
    '[]',
    '[{}]',
    'null',
    '1',
    '"x"',
    '{',
    '{}{}',
    '{} x',
    '\uFEFF{}',
    '{"a":1,}',
    "{'a':1}",
    '{"a":01}',
    '{"a":NaN}',
    '{a:1}',
    '\u00a0{}',
  ]) {
    on.equal(read(text), undefined, text)
  }
  on.equal(parseStrictObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), undefined, 'not UTF-8')
  on.equal(parseStrictObject(Buffer.from('{"a":1}', 'utf16le')), undefined, 'UTF-16')
  on.same(read(' \n\t{"a" : 1 }\r\n'), { a: 1 })
})

t.test('nesting has an end, and a deep text does not end the process', async (on) => {
  const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  on.ok(read(nested(16)))
  on.equal(read(nested(17)), undefined)
  on.equal(read(nested(100_000)), undefined)
})

t.test('a member named __proto__ changes no prototype', async (on) => {
  const value = read('{"__proto__":{"admin":true}}')
  on.equal(value?.['admin'], undefined)
})
