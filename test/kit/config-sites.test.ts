import t, { type Test } from 'tap'
import { faultsOf, load, upstream, validRoute } from './config-load.ts'

type Expected = readonly [line: number, column: number, path: string, message: RegExp]

/** Sites beside routes for these paths. */
function sites(lines: readonly string[], paths: readonly string[] = ['/api/orders']): string {
  const routes = paths.flatMap((path, index) => [
    `  - id: r${index}`,
    ...[`match: { path: '${path}', methods: [GET] }`, ...validRoute.slice(1)].map((line) => `    ${line}`),
  ])
  const target = "target: 'http://127.0.0.1:8080'"
  return [
    'sites:',
    ...lines.map((line) => `  - { ${line}, ${target} }`),
    'routes:',
    ...routes,
    ...upstream,
  ].join('\n')
}

function expectFaults(t: Test, text: string, expected: readonly Expected[]): void {
  const faults = faultsOf(text)
  t.strictSame(
    faults.map(({ line, column, path }) => [line, column, path]),
    expected.map(([line, column, path]) => [line, column, path]),
    faults.map(({ message }) => message).join('; '),
  )
  for (const [index, [, , path, message]] of expected.entries())
    t.match(faults[index]?.message, message, path)
}

t.test('a site does not take what a route asks callers for', async (t) => {
  expectFaults(t, sites(['id: shop, prefix: /api']), [
    [2, 25, 'sites[0].prefix', /'\/api' takes everything from route 'r0'/],
  ])
  expectFaults(t, sites(['id: shop, prefix: /api/orders'], ['/x', '/api/orders', '/api/orders/:id']), [
    [2, 25, 'sites[0].prefix', /takes everything from route 'r1'/],
  ])
  for (const prefix of ['/shop', '/api/order', '/api/orders/x', '/API'])
    t.equal(load(sites([`id: shop, prefix: ${prefix}`])).sites.length, 1, prefix)
  const catchAll = sites(['id: shop, prefix: /files/public'], ['/files/*', '/:page', '/*'])
  t.equal(load(catchAll).sites.length, 1, 'what more was written for goes first')
})

t.test('a site does not take the place of the gateway', async (t) => {
  const atHost = (host: string): string => sites([`id: shop, host: '${host}'`])
  const notOwn = (text: string, line: number): void =>
    expectFaults(t, text, [[line, 23, 'sites[0].host', /is the gateway's own host/]])
  notOwn(atHost('localhost:3000'), 2)
  notOwn(atHost('127.0.0.1:3000'), 2)
  notOwn(`gateway: { origin: 'https://www.example' }\n${atHost('www.example')}`, 3)
  notOwn(`gateway: { origin: 'https://www.example', hosts: [api.example] }\n${atHost('api.example')}`, 3)
  t.equal(load(atHost('localhost:3001')).sites.length, 1)
})

t.test('what the gateway serves itself is no place for a site or a route', async (t) => {
  const trees = ['/auth', '/healthz', '/readyz', '/assets', '/docs', '/openapi.json']
  const resource = '/.well-known/oauth-protected-resource'
  const isOwn = /belongs to the gateway itself/
  for (const path of [...trees, resource]) {
    expectFaults(t, sites([`id: shop, prefix: ${path}`]), [[2, 25, 'sites[0].prefix', isOwn]])
  }
  for (const path of [...trees, ...trees.map((tree) => `${tree}/x`), resource, '/']) {
    expectFaults(t, sites(['id: shop, prefix: /shop'], ['/a', path]), [
      [11, 20, 'routes[1].match.path', isOwn],
    ])
  }
  const text = sites(['id: shop, prefix: /docs'], ['/openapi.json', `${resource}/x`, '/:page', '/*'])
  t.equal(load(`gateway: { describe: false }\n${text}`).sites.length, 1)
  t.ok(load(text.replace('/docs', '/shop').replace('/openapi.json', '/').replace('GET', 'POST')), 'not read')
})

t.test('the id of a site is its own, in logs and metrics', async (t) => {
  const two = (first: string, second: string): string =>
    sites([`id: ${first}, prefix: /shop`, `id: ${second}, prefix: /blog`])
  t.equal(load(two('shop', 'blog')).sites.length, 2)
  expectFaults(t, two('shop', 'shop'), [[3, 11, 'sites[1].id', /'shop' is already the id of sites\[0\]/]])
  expectFaults(t, two('shop', 'r0'), [[3, 11, 'sites[1].id', /'r0' is already the id of routes\[0\]/]])
})
