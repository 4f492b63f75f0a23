import fc from 'fast-check'
import t from 'tap'
import { holds } from '../harness/holds.ts'
import { AmbiguousRoute, RouteTree, type TreeEntry } from '../../gateway/routing/route-tree.ts'

const entry = (
  path: string,
  methods: readonly string[] = ['GET'],
  hosts: readonly string[] = [],
): TreeEntry<string> => ({
  path,
  methods,
  hosts,
  value: `${methods.join()} ${hosts.join()}${path}`,
})

function found(tree: RouteTree<string>, path: string, method = 'GET', host = 'localhost') {
  const result = tree.find(host, method, path)
  return result.kind === 'route' ? [result.value, { ...result.params }] : result.kind
}

t.test('a literal goes before a parameter, and a parameter before a wildcard', async (t) => {
  const tree = new RouteTree([
    entry('/api/*'),
    entry('/api/orders'),
    entry('/api/:kind'),
    entry('/api/:kind/:id'),
    entry('/api/orders/latest'),
    entry('/'),
  ])
  t.same(found(tree, '/'), ['GET /', {}])
  t.same(found(tree, '/api/orders'), ['GET /api/orders', {}])
  t.same(found(tree, '/api/users'), ['GET /api/:kind', { kind: 'users' }])
  t.same(found(tree, '/api/orders/latest'), ['GET /api/orders/latest', {}])
  t.same(found(tree, '/api/orders/7'), ['GET /api/:kind/:id', { kind: 'orders', id: '7' }])
  t.same(found(tree, '/api/orders/7/lines'), ['GET /api/*', {}])
  t.same(found(tree, '/api/'), ['GET /api/*', {}])
})

t.test('near misses are none', async (t) => {
  const tree = new RouteTree([entry('/api/orders'), entry('/api/orders/:id')])
  for (const path of [
    '/',
    '/api',
    '/API/orders',
    '/api/orders/',
    '/api/ordersx',
    '/api/orders/1/2',
    '/apiorders',
  ]) {
    t.equal(found(tree, path), 'none', path)
  }
})

t.test('parameters are decoded, once', async (t) => {
  const tree = new RouteTree([entry('/files/:name')])
  t.same(found(tree, '/files/%C3%A4%20b%25'), ['GET /files/:name', { name: 'ä b%' }])
})

t.test('the method comes last', async (t) => {
  const tree = new RouteTree([entry('/a', ['GET']), entry('/a', ['POST', 'PUT']), entry('/:x', ['DELETE'])])
  t.same(found(tree, '/a', 'PUT'), ['POST,PUT /a', {}])
  t.same(found(tree, '/a', 'HEAD'), ['GET /a', {}], 'HEAD is GET')
  t.same(tree.find('localhost', 'DELETE', '/a'), { kind: 'wrong_method', allow: 'GET, POST, PUT, HEAD' })
  t.same(tree.find('localhost', 'HEAD', '/b'), { kind: 'wrong_method', allow: 'DELETE' })
})

t.test('a host has its own entries first', async (t) => {
  const tree = new RouteTree([entry('/a'), entry('/b'), entry('/a', ['GET'], ['admin.example:8443'])])
  t.same(found(tree, '/a', 'GET', 'admin.example:8443'), ['GET admin.example:8443/a', {}])
  t.same(found(tree, '/a', 'GET', 'localhost'), ['GET /a', {}])
  t.same(found(tree, '/b', 'GET', 'admin.example:8443'), ['GET /b', {}])
})

t.test('the same request for two entries is an error', async (t) => {
  t.throws(() => new RouteTree([entry('/a/:x'), entry('/a/:y', ['POST', 'GET'])]), AmbiguousRoute)
  t.throws(() => new RouteTree([entry('/a/*'), entry('/a/*')]), AmbiguousRoute)
  t.doesNotThrow(() => new RouteTree([entry('/a/:x', ['GET'], ['one']), entry('/a/:x', ['GET'], ['two'])]))
})

t.test('10,000 routes cost as much as a few', async (t) => {
  const many = Array.from({ length: 10_000 }, (_, n) => entry(`/api/resource-${n}/:id/lines/:line`))
  const time = (tree: RouteTree<string>, path: string) => {
    const before = process.threadCpuUsage()
    for (let n = 0; n < 20_000; n++) tree.find('localhost', 'GET', path)
    return process.threadCpuUsage(before).user / 1000
  }
  const large = new RouteTree(many)
  const small = new RouteTree(many.slice(0, 10))
  const path = '/api/resource-7/1/lines/2'
  // The best of several, in turn: what is compiled or collected meanwhile slows one of them down.
  const rounds = Array.from({ length: 7 }, () => [time(large, path), time(small, path)] as const)
  const best = (at: 0 | 1): number => Math.min(...rounds.map((round) => round[at]))
  t.ok(best(0) < 5 * best(1) + 100, `${best(0)} ms, ${best(1)} ms`)
})

t.test('it agrees with a look through the whole list', async (t) => {
  const segment = fc.constantFrom('a', 'b', ':p', 'c')
  const paths = fc.uniqueArray(
    fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
    { minLength: 1, maxLength: 12 },
  )
  const asked = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 })
  holds(
    t,
    fc.property(paths, asked, (routes, segments) => {
      const tree = new RouteTree(routes.map((path) => entry(path)))
      const result = tree.find('localhost', 'GET', `/${segments.join('/')}`)
      const best = routes.filter((route) => fits(route, segments)).toSorted(byPrecedence)[0]
      if (result.kind === 'route' ? result.value !== `GET ${best}` : best !== undefined) {
        throw new Error(`${segments.join('/')}: ${JSON.stringify(result)}, expected ${best}`)
      }
    }),
  )
})

function fits(route: string, segments: readonly string[]): boolean {
  const parts = route.slice(1).split('/')
  return parts.length === segments.length && parts.every((part, at) => part === ':p' || part === segments[at])
}

/** Literal before parameter, at the first segment where they differ. */
function byPrecedence(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')]
  for (const [at, part] of left.entries()) {
    if (part !== right[at]) return part === ':p' ? 1 : -1
  }
  return 0
}
