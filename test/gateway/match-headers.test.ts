import fc from 'fast-check'
import t from 'tap'
import { headersFit } from '@gatehouse/kit/config/header-match'
import { AmbiguousRoute, RouteTree } from '../../gateway/routing/route-tree.ts'
import { faultsOf, upstream } from '../kit/config-load.ts'
import { startRig } from './rig.ts'

const cors = "cors: { origins: ['https://app.example.com'], headers: [x-version] }"
const config = `
routes:
  - { id: plain, match: { path: /v/:id, methods: [GET] }, authn: none, upstream: users }
  - id: second
    match: { path: /v/:id, methods: [GET], headers: [{ name: X-Version, value: '2' }] }
    authn: none
    upstream: orders
    ${cors}
  - id: some
    match: { path: /v/:id, methods: [GET], headers: [{ name: x-version }] }
    authn: none
    upstream: inventory
  - id: both
    match: { path: /v/:id, methods: [GET], headers: [{ name: x-version }, { name: x-beta, value: 'yes' }] }
    authn: none
    upstream: inventory
  - id: only
    match: { path: /only, methods: [GET], headers: [{ name: x-beta }] }
    authn: none
    upstream: users
`

t.test('more headers go first, then exact values, then any, then none', async (t) => {
  const rig = await startRig(t, { config })
  const cases = [
    [{}, 'plain'],
    [{ 'x-beta': 'yes' }, 'plain'],
    [{ 'x-version': '2' }, 'second'],
    [{ 'X-VERSION': '2' }, 'second'],
    [{ 'x-version': '22' }, 'some'],
    [{ 'x-version': '' }, 'some'],
    [{ 'x-version': '2, 2' }, 'some'],
    [{ 'x-version': '2', 'x-beta': 'yes' }, 'both'],
    [{ 'x-version': '2', 'x-beta': 'Yes' }, 'second'],
  ] as const
  for (const [at, [headers, expected]] of cases.entries()) {
    const answer = await rig.call({ path: '/v/1', token: null, headers })
    t.equal(answer.status, 200)
    t.match(answer.headers.vary, /^(?:origin, )?x-version, x-beta$/, 'caches hear of it')
    t.equal((await rig.lines(at + 1)).at(-1)?.['route'], expected, JSON.stringify(headers))
  }
  rig.services.users.seen.splice(0)
  t.match(await rig.call({ path: '/only', token: null }), { status: 404, json: { code: 'not_found' } })
  t.equal(rig.services.users.seen.length, 0)
  t.equal((await rig.call({ path: '/only', token: null, headers: { 'x-beta': '1' } })).status, 200)
})

t.test('explain tells which headers decided', async (t) => {
  const rig = await startRig(t, { config })
  const response = await fetch(`${rig.gateway.urls['admin']}/explain`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ method: 'GET', path: '/v/1', headers: { 'X-Version': '2' } }),
  })
  const { route, routes } = Object(await response.json())
  t.equal(route, 'second')
  t.match(routes.slice(-5), [
    { id: 'plain', verdict: 'less specific' },
    { id: 'second', verdict: 'taken' },
    { id: 'some', verdict: 'less specific' },
    { id: 'both', verdict: 'other headers' },
    { id: 'only', verdict: 'other path' },
  ])
})

t.test('a preflight asks about the route that the request would take', async (t) => {
  const rig = await startRig(t, { config })
  const origin = 'https://app.example.com'
  const ask = (more: object) =>
    rig.call({
      method: 'OPTIONS',
      path: '/v/1',
      token: null,
      headers: { origin, 'access-control-request-method': 'GET', ...more },
    })
  t.equal((await ask({ 'access-control-request-headers': 'x-version' })).status, 204)
  t.equal((await ask({})).status, 405, 'the plain one has no cors')
})

function faults(...matches: readonly string[]) {
  const routes = matches.flatMap((match, at) => [
    `  - id: r${at}`,
    `    match: { path: /a, methods: [GET]${match} }`,
    '    authn: none',
    '    upstream: things',
  ])
  return faultsOf(['routes:', ...routes, ...upstream].join('\n')).map(
    ({ line, column, path, message }) => `${line}:${column} ${path} ${message}`,
  )
}

t.test('routes that the same request could take with the same precedence are a fault', async (t) => {
  const overlap =
    /^7:20 routes\[1\].match.path 'r1' overlaps 'r0': both take GET \/a with the same precedence$/
  t.match(faults(', headers: [{ name: x-a }]', ', headers: [{ name: x-b }]'), [overlap])
  t.match(faults(', headers: [{ name: x-a }]', ', headers: [{ name: X-A }]'), [overlap])
  t.match(faults(", headers: [{ name: x-a, value: '1' }]", ", headers: [{ name: x-b, value: '2' }]"), [
    overlap,
  ])
  const different = [", headers: [{ name: x-a, value: '1' }]", ", headers: [{ name: x-a, value: '2' }]"]
  t.match(
    faults(...different, ', headres: []'),
    [/^11:40 .* unknown key, did you mean 'headers'\?/],
    'and no overlap',
  )
  t.match(faults(', headers: [{ name: x-a }, { name: X-A }]'), [/^3:73 .*'x-a' is there twice$/])
  t.match(faults(', headers: [{ name: Cookie, value: x }]'), [/'cookie' is no header to match by$/])
  t.match(faults(', headers: []'), [/headers is empty/])
  t.match(faults(', headers: [{ value: x }]'), [/'name' is missing/])
})

t.test('of all entries that fit, the first by precedence is found', async (t) => {
  const match = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    value: fc.constantFrom('1', '2', undefined),
  })
  const list = fc.uniqueArray(match, { selector: ({ name }) => name, maxLength: 3 })
  const sent = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2', '3'))
  let ambiguous = 0
  fc.assert(
    fc.property(fc.array(list, { minLength: 1, maxLength: 5 }), sent, (lists, headers) => {
      const entries = lists.map((written, at) => ({
        path: '/x',
        methods: ['GET'],
        hosts: [],
        headers: written.map(({ name, value }) => (value === undefined ? { name } : { name, value })),
        value: at,
      }))
      let tree
      try {
        tree = new RouteTree(entries)
      } catch (error) {
        ambiguous++
        return error instanceof AmbiguousRoute
      }
      const fitting = entries.filter((entry) => headersFit(entry.headers, headers))
      const rank = (entry: (typeof entries)[number]) =>
        entry.headers.length * 10 + entry.headers.filter((header) => 'value' in header).length
      const best = fitting.toSorted((a, b) => rank(b) - rank(a))
      const isClear = best[0] === undefined || best[1] === undefined || rank(best[0]) > rank(best[1])
      const result = tree.find('localhost', 'GET', '/x', headers)
      return isClear && (result.kind === 'route' ? result.value === best[0]?.value : best.length === 0)
    }),
  )
  t.ok(ambiguous < 100, 'most were looked at')
})
