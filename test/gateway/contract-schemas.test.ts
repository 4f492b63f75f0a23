import t from 'tap'
import { OpenApiDocument } from '@gatehouse/kit/openapi/document'
import { Schemas } from '../../gateway/contract/schemas.ts'

function schemas(version: string, ...lines: readonly string[]): Schemas {
  const text = [`openapi: ${version}`, 'components:', '  schemas:', ...lines.map((line) => `    ${line}`)]
  return new Schemas(new OpenApiDocument('api.yaml', text.join('\n')))
}

/** What this thread worked, in milliseconds: the time in which somebody else had the core does not count. */
function timeOf(run: () => unknown): number {
  const before = process.threadCpuUsage()
  run()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

/** The best of several, in turn: what is compiled or collected meanwhile slows one of them down. */
function bestOf(one: () => number, other: () => number): readonly [number, number] {
  const rounds = Array.from({ length: 5 }, () => [one(), other()] as const)
  return [Math.min(...rounds.map(([ms]) => ms)), Math.min(...rounds.map(([, ms]) => ms))]
}

const at = (name: string) => ['components', 'schemas', name]

t.test('a schema that is none is refused with its place', async (t) => {
  const broken = schemas('3.1.0', 'A: { type: object,', '  properties: { n: { type: strng } } }')
  t.throws(() => broken.compile(at('A')), { name: 'OpenApiError', message: 'api.yaml:5:26 is no schema' })
  const pattern = schemas('3.1.0', "A: { type: string, pattern: '(' }")
  t.throws(() => pattern.compile(at('A')), { message: /^api\.yaml:4:5 is a schema that cannot be used$/ })
  for (const wrong of ['properties: { n: 5 }', "items: 'text'", 'anyOf: [true, [1]]', 'not: null']) {
    t.throws(() => schemas('3.1.0', `A: { ${wrong} }`).compile(at('A')), { message: /is no schema$/ }, wrong)
  }
  const inside = schemas('3.1.0', "A: { $ref: '#/components/schemas/B' }", 'B: { minimum: high }')
  t.throws(() => inside.compile(at('A')), { name: 'OpenApiError' }, 'also where it is referred to')
})

t.test('a schema that refers to itself ends', async (t) => {
  const tree =
    "A: { type: object, properties: { next: { $ref: '#/components/schemas/A' } }, additionalProperties: false }"
  const check = schemas('3.1.0', tree).compile(at('A'))
  t.same(check({ next: { next: {} } }, 1), [])
  t.same(check({ next: { other: 1 } }, 1), [{ path: '/next/other', message: 'is not known' }])
})

t.test('what 3.0 says in its own words', async (t) => {
  const check = schemas(
    '3.0.3',
    'A: { type: integer, nullable: true, maximum: 9, exclusiveMaximum: true }',
  ).compile(at('A'))
  t.same(check(null, 1), [])
  t.same(check(9, 1), [{ path: '', message: 'must be less than 9' }])
})

t.test('the list of faults is bounded, and short for long bodies', async (t) => {
  const check = schemas('3.1.0', 'A: { type: array, items: { type: string } }').compile(at('A'))
  const many = Array.from({ length: 1000 }, () => 1)
  t.equal(check(many, 2_000).length, 20)
  t.equal(check(many, 20_000).length, 1)
})

t.test('of several that do not fit, one fault is told', async (t) => {
  const check = schemas('3.1.0', 'A: { anyOf: [{ type: string }, { type: integer }] }').compile(at('A'))
  t.same(check(true, 1), [{ path: '', message: 'is not one of the allowed values' }])
})

t.test('items that must differ', async (t) => {
  const check = schemas('3.1.0', 'A: { type: array, uniqueItems: true }').compile(at('A'))
  for (const same of [
    '[1, 1.0]',
    '["a", "a"]',
    '[{"a":1,"b":[2]}, {"b":[2],"a":1}]',
    '[[], []]',
    '[null, null]',
  ])
    t.same(check(JSON.parse(same), 1), [{ path: '', message: 'is not valid' }], same)
  for (const different of ['[]', '[1, "1", true, "true", null, "null"]', '[[1, 2], [2, 1]]', '[{}, [], ""]'])
    t.same(check(JSON.parse(different), 1), [], different)
  t.same(schemas('3.1.0', 'A: { uniqueItems: false }').compile(at('A'))([1, 1], 1), [])
  t.throws(() => schemas('3.1.0', 'A: { uniqueItems: 1 }').compile(at('A')), { name: 'OpenApiError' })
})

t.test('many items that must differ hold nobody up', async (t) => {
  const check = schemas('3.1.0', 'A: { type: array, uniqueItems: true }').compile(at('A'))
  const time = (count: number): number => {
    const many = Array.from({ length: count }, (_, n) => ({ a: n }))
    return timeOf(() => t.same(check(many, count * 11), []))
  }
  const [few, many] = bestOf(
    () => time(1_000),
    () => time(10_000),
  )
  t.ok(many < 40 * few + 100, `comparing each with each takes a hundred times as long: ${few} ms, ${many} ms`)
})

t.test('a text that must be a URL holds nobody up', async (t) => {
  const check = schemas('3.1.0', 'A: { type: string, format: url }').compile(at('A'))
  for (const good of ['http://a.example', 'https://a.example:8443/b?c=d#e', 'ftp://a.example/'])
    t.same(check(good, 1), [], good)
  for (const bad of [
    '',
    'a.example',
    '//a.example',
    'javascript:x',
    'https://',
    'https://a b',
    ' https://a.example',
  ])
    t.equal(check(bad, 1).length, 1, bad)
  const time = (length: number): number =>
    timeOf(() => t.equal(check(`http://[${':'.repeat(length)}`, length).length, 1))
  const [short, long] = bestOf(
    () => time(5_000),
    () => time(50_000),
  )
  t.ok(long < 40 * short + 100, `${short} ms, ${long} ms`)
})
