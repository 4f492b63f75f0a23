import * as fc from 'fast-check'
import t from 'tap'
import { conforms, Type } from '@gatehouse/kit'
import type { Schema } from '@gatehouse/kit/schema'
import { violationOf } from '@gatehouse/kit/violation'

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

t.test('a keyword that nobody looks at is an error, not a value let through', async (t) => {
  const sku: object = { type: 'string', enum: ['oak-stool'] }
  const amount: object = { type: 'integer', exclusiveMinimum: 0 }
  const open: object = { type: 'object', additionalProperties: { type: 'string' } }
  const schemas: readonly (readonly [Schema, unknown])[] = [
    [sku, 'gold-stool'],
    [Type.Object({ sku }), { sku: 'gold-stool' }],
    [Type.Array(amount), [0]],
    [Type.Union([Type.Null(), amount]), 0],
    [Type.Record(Type.String(), amount), { a: 0 }],
    [open, { a: 1 }],
  ]
  for (const [schema, value] of schemas) {
    for (const time of ['first', 'again'])
      t.throws(() => conforms(schema, value), TypeError, `${time}: ${JSON.stringify(schema)}`)
  }
  t.ok(
    conforms(Type.String({ description: 'words', format: 'uri', default: 'x' }), 'y'),
    'what restricts nothing',
  )
})

t.test('where the first fault is, and which', async (t) => {
  const cases: readonly (readonly [unknown, string, string])[] = [
    ['abc', '', 'type'],
    [{ ...good, id: undefined }, '', 'required'],
    [{ ...good, id: 7 }, '/id', 'type'],
    [{ ...good, id: 'abcd' }, '/id', 'maxLength'],
    [{ ...good, id: 'AB' }, '/id', 'pattern'],
    [{ ...good, count: 0 }, '/count', 'minimum'],
    [{ ...good, count: 10 }, '/count', 'maximum'],
    [{ ...good, kind: 'c' }, '/kind', 'anyOf'],
    [{ ...good, tags: [] }, '/tags', 'minItems'],
    [{ ...good, tags: ['a', 1] }, '/tags/1', 'type'],
  ]
  for (const [value, instancePath, keyword] of cases) {
    t.match(violationOf(Thing, value), { instancePath, keyword }, JSON.stringify(value))
  }
  t.equal(violationOf(Thing, good), undefined)
  const Closed = Type.Object({ a: Type.Boolean() }, { additionalProperties: false })
  t.match(violationOf(Closed, { a: true, b: 1 }), {
    keyword: 'additionalProperties',
    params: { additionalProperty: 'b' },
  })
  const Named = Type.Record(Type.String({ pattern: '^[a-z]+$' }), Type.Number(), { minProperties: 1 })
  t.match(violationOf(Named, {}), { instancePath: '', keyword: 'minProperties' })
})

t.test('a fault is named for every value that does not conform, and for no other', async (t) => {
  const Any = Type.Array(Thing, { maxItems: 2 })
  const near = fc.record({
    id: fc.oneof(fc.string({ maxLength: 4 }), fc.constant(1)),
    count: fc.oneof(fc.integer({ min: -1, max: 11 }), fc.double()),
    kind: fc.constantFrom('a', 'c', null),
    tags: fc.oneof(fc.array(fc.string(), { maxLength: 1 }), fc.constant('x')),
  })
  fc.assert(
    fc.property(fc.array(fc.oneof(near, fc.jsonValue()), { maxLength: 3 }), (value) => {
      t.equal(violationOf(Any, value) === undefined, conforms(Any, value))
    }),
  )
})
