import t from 'tap'
import { ConfigError } from '@gatehouse/kit/config/load'
import { changed, expectFaults, faultsOf, load, validRoute, withRoute } from './config-load.ts'

t.test('an empty file, and one that is only comments', async (t) => {
  expectFaults(t, '', [[1, 1, '', /empty/]])
  expectFaults(t, '# nothing\n', [[1, 1, '', /empty/]])
  expectFaults(t, '[]', [[1, 1, '', /\[\] is not an entry with trustDomain/]])
})

t.test('what is not YAML', async (t) => {
  expectFaults(t, 'routes: [\n  a', [[2, 4, '', /Flow sequence/]])
  expectFaults(t, 'routes: 1\nroutes: 2', [[2, 1, '', /unique/]])
  t.equal(faultsOf('a: &a [*a]')[0]?.line, 1, 'a value that holds itself ends')
})

t.test('an unknown key names the nearest right one', async (t) => {
  const text = `trustDomian: x.local\n${withRoute(...validRoute, 'upstraem: things', 'limits: { time: 5s, rait: 5/s }')}`
  expectFaults(t, text, [
    [1, 1, 'trustDomian', /unknown key, did you mean 'trustDomain'\?/],
    [9, 5, 'routes[0].upstraem', /did you mean 'upstream'\?/],
    [10, 15, 'routes[0].limits.time', /did you mean 'timeout'\?/],
    [10, 25, 'routes[0].limits.rait', /did you mean 'rate'\?/],
  ])
})

t.test('words that are nearly right', async (t) => {
  expectFaults(t, changed('authn: [sesion, bearer]'), [
    [7, 13, 'routes[0].authn[0]', /sesion is not one of session, bearer, did you mean 'session'\?/],
  ])
  expectFaults(t, changed('authn: non'), [[7, 12, 'routes[0].authn', /did you mean 'none'\?/]])
  expectFaults(t, changed('match: { path: /x, methods: [get] }'), [
    [7, 34, 'routes[0].match.methods[0]', /did you mean 'GET'\?/],
  ])
  expectFaults(t, changed('upstream: thing'), [
    [7, 15, 'routes[0].upstream', /there is no upstream 'thing', did you mean 'things'\?/],
  ])
})

t.test('units', async (t) => {
  expectFaults(t, changed('limits: { rate: 60, body: 64kb, timeout: 5 }'), [
    [8, 21, 'routes[0].limits.rate', /60 is not a rate such as '60\/min'/],
    [8, 31, 'routes[0].limits.body', /64kb is not a size such as '64KiB'/],
    [8, 46, 'routes[0].limits.timeout', /5 is not a duration/],
  ])
  expectFaults(t, changed('limits: { timeout: 0s }'), [
    [8, 24, 'routes[0].limits.timeout', /0s is not a duration/],
  ])
  expectFaults(t, changed('limits: { timeout: 30d }'), [[8, 24, 'routes[0].limits.timeout', /up to 24h/]])
  expectFaults(t, `gateway: { internalToken: 61s }\n${withRoute(...validRoute)}`, [
    [1, 27, 'gateway.internalToken', /61s is not a duration from '1s' to '60s'/],
  ])
})

t.test('URLs are origins', async (t) => {
  for (const url of [
    'localhost:1',
    'ftp://a',
    'http://a/',
    'http://a/b',
    'http://a?b',
    'http://u@a',
    'http://A',
    'https://',
  ]) {
    const faults = faultsOf(`issuer: '${url}'\n${withRoute(...validRoute)}`)
    t.match(
      faults,
      [{ line: 1, column: 9, path: 'issuer', message: /is not an http or https URL without a path/ }],
      url,
    )
    const own = faultsOf(`gateway: { origin: '${url}' }\n${withRoute(...validRoute)}`)
    t.match(
      own,
      [{ line: 1, column: 20, path: 'gateway.origin', message: /is not an http or https URL/ }],
      url,
    )
  }
  expectFaults(t, `issuer: http://a\ngateway: { origin: 'http://a:80' }\n${withRoute(...validRoute)}`, [
    [1, 9, 'issuer', /is the same origin as gateway.origin/],
  ])
})

t.test('edges lead between what exists, once', async (t) => {
  const edges = `edges:
  - { from: order, to: usres, scopes: [] }
  - { from: orders, to: users, scopes: [a] }
  - { from: orders, to: users, scopes: [b] }
  -
`
  expectFaults(t, `${edges}${withRoute(...validRoute)}`, [
    [2, 13, 'edges[0].from', /there is no workload 'order', did you mean 'orders'\?/],
    [2, 24, 'edges[0].to', /there is no service 'usres', did you mean 'users'\?/],
    [2, 39, 'edges[0].scopes', /is empty/],
    [4, 5, 'edges[2]', /same relation as edges\[1\]/],
    [5, 4, 'edges[3]', /is empty; expected an entry with from, to, scopes/],
  ])
})

t.test('upstreams', async (t) => {
  const text = (...lines: readonly string[]): string =>
    ['routes: []', 'upstreams:', ...lines.map((line) => `  ${line}`)].join('\n')
  expectFaults(
    t,
    text('a: { targets: [], identity: A }', 'Bad: {}', 'token: { targets: [https://x], identity: t }'),
    [
      [1, 9, 'routes', /is empty/],
      [3, 17, 'upstreams.a.targets', /is empty/],
      [3, 31, 'upstreams.a.identity', /A is not a name of lower-case letters/],
      [4, 3, 'upstreams.Bad', /'Bad' is not a name of lower-case letters/],
      [4, 8, 'upstreams.Bad', /'identity' is missing/],
      [5, 3, 'upstreams.token', /internal door's own word/],
    ],
  )
  expectFaults(
    t,
    `upstreams: {}\n${withRoute(...validRoute)
      .split('\n')
      .slice(0, 7)
      .join('\n')}`,
    [
      [1, 12, 'upstreams', /expected at least one entry/],
      [8, 15, 'routes[0].upstream', /there is no upstream 'things'/],
    ],
  )
})

t.test('networks that there cannot be', async (t) => {
  for (const network of ['10.0.0.0/33', '999.1.1.1', 'fd00::/129', ':', '10.0.0.0/', 'fe80::1%e'])
    expectFaults(t, `gateway: { trustedProxies: ['::1', '${network}'] }\n${withRoute(...validRoute)}`, [
      [1, 36, 'gateway.trustedProxies[1]', /is not an address or network such as '10\.0\.0\.0\/8'/],
    ])
  const text = "gateway: { trustedProxies: ['10.0.0.0/8', '10.1.2.3', 'fd00::/8', '::1'] }"
  t.equal(load(`${text}\n${withRoute(...validRoute)}`).gateway.trustedProxies.length, 4)
})

t.test('keys that JavaScript treats specially are unknown keys', async (t) => {
  expectFaults(t, `__proto__: { a: 1 }\nconstructor: 1\n${withRoute(...validRoute)}`, [
    [1, 1, '__proto__', /unknown key/],
    [2, 1, 'constructor', /unknown key/],
  ])
})

t.test('all faults come in one error, one line each, with what to do', async (t) => {
  const text = `trustDomian: x\nissuer: 5\n${withRoute(...validRoute)}`
  t.throws(() => load(text), ConfigError)
  t.throws(() => load(text), {
    message:
      /^\S+gatehouse\.yaml:1:1 trustDomian: unknown key[^\n]+\n\S+gatehouse\.yaml:2:9 issuer: 5 is not[^\n]+$/,
    hint: 'correct these 2 faults and start again',
  })
})
