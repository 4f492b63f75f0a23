import t from 'tap'
import { conforms, Type } from '@gatehouse/kit'

const Thing = Type.Object({
  id: Type.String({ pattern: '^[a-z]+$', maxLength: 3 }),
  count: Type.Integer({ minimum: 1, maximum: 9 }),
  kind: Type.Union([Type.Literal('a'), Type.Literal('b'), Type.Null()]),
  tags: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
})
const good = { id: 'abc', count: 3, kind: 'a' }

t.test('what fits, fits', async (t) => {
  for (const value of [good, { ...good, kind: null }, { ...good, tags: ['x'] }, { ...good, more: 1 }]) {
    t.ok(conforms(Thing, value), JSON.stringify(value))
  }
})

t.test('what does not, does not', async (t) => {
  const bad: readonly unknown[] = [
    null,
    [],
    'abc',
    {},
    { ...good, id: 'abcd' },
    { ...good, id: 'AB' },
    { ...good, id: undefined },
    { ...good, count: 0 },
    { ...good, count: 10 },
    { ...good, count: 1.5 },
    { ...good, count: '3' },
    { ...good, kind: 'c' },
    { ...good, kind: undefined },
    { ...good, tags: [] },
    { ...good, tags: [1] },
    { ...good, tags: { 0: 'x', length: 1 } },
  ]
  for (const value of bad) t.notOk(conforms(Thing, value), JSON.stringify(value))
})

t.test('a closed object, and one of any names', async (t) => {
  const Closed = Type.Object({ a: Type.Boolean() }, { additionalProperties: false })
  t.ok(conforms(Closed, { a: true }))
  t.notOk(conforms(Closed, { a: true, b: 1 }))
  t.notOk(conforms(Closed, JSON.parse('{"a":true,"__proto__":1}')))
  const Named = Type.Record(Type.String({ pattern: '^[a-z]+$' }), Type.Number(), { minProperties: 1 })
  t.ok(conforms(Named, { x: 1.5 }))
  t.notOk(conforms(Named, {}))
  t.notOk(conforms(Named, { X: 1 }))
  t.notOk(conforms(Named, { x: Infinity }))
})

t.test('it is JSON Schema: what may be missing is not required, and nothing else is added', async (t) => {
  t.same(JSON.parse(JSON.stringify(Thing)).required, ['id', 'count', 'kind'])
  t.same(Object.keys(JSON.parse(JSON.stringify(Thing))), ['type', 'required', 'properties'])
})
