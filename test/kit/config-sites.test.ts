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
