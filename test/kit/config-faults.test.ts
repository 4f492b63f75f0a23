import t, { type Test } from 'tap'
import { ConfigError } from '@gatehouse/kit/config/load'
import { faultsOf, load, upstream, validRoute, withRoute } from './config-load.ts'

type Expected = readonly [line: number, column: number, path: string, message: RegExp]

/** Exactly these faults, in the order of the file. */
function expectFaults(t: Test, text: string, expected: readonly Expected[]): void {
  const faults = faultsOf(text)
  t.strictSame(
    faults.map(({ line, column, path }) => [line, column, path]),
    expected.map(([line, column, path]) => [line, column, path]),
    faults.map((fault) => fault.message).join('; '),
  )
  for (const [index, [, , path, message]] of expected.entries())
    t.match(faults[index]?.message, message, path)
}

/** The valid route with some of its lines replaced, by their first word. */
function changed(...lines: readonly string[]): string {
  const words = lines.map((line) => line.split(':')[0])
  return withRoute(...validRoute.filter((line) => !words.includes(line.split(':')[0])), ...lines)
}

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

t.test('a route that says too little', async (t) => {
  expectFaults(t, withRoute('upstream: things'), [
    [2, 5, 'routes[0]', /'match' is missing; expected an entry with path, methods, hosts/],
    [2, 5, 'routes[0]', /'authn' is missing; expected a list of session, bearer, or none, written out/],
  ])
  expectFaults(t, changed('authn:'), [
    [7, 5, 'routes[0].authn', /is empty; expected a list of session, bearer/],
  ])
  expectFaults(t, changed('authn: []'), [[7, 12, 'routes[0].authn', /is empty/]])
})

t.test('an authenticated route says what it needs and what travels on', async (t) => {
  const bare = ['match: { path: /things, methods: [GET] }', 'authn: [session]', 'upstream: things']
  expectFaults(t, withRoute(...bare), [
    [2, 5, 'routes[0].authz', /says neither scopes nor roles/],
    [2, 5, 'routes[0]', /'token' is missing/],
  ])
  expectFaults(t, changed('authz: {}'), [[7, 12, 'routes[0].authz', /says neither scopes nor roles/]])
  expectFaults(t, changed('authz: { scopes: [] }'), [[7, 22, 'routes[0].authz.scopes', /is empty/]])
  expectFaults(t, changed('token: { scopes: [] }'), [[7, 22, 'routes[0].token.scopes', /is empty/]])
  t.equal(
    load(changed('authz: { roles: [support] }')).routes[0]?.authz.scopes.length,
    0,
    'roles alone are enough',
  )
})

t.test('a route for everybody cannot carry authority', async (t) => {
  expectFaults(t, changed('authn: none'), [
    [4, 5, 'routes[0].authz', /no meaning with 'authn: none'/],
    [5, 5, 'routes[0].token', /no meaning with 'authn: none'/],
  ])
  const open = withRoute('match: { path: /things, methods: [GET] }', 'authn: none', 'upstream: things')
  t.strictSame([load(open).routes[0]?.authn, load(open).routes[0]?.token], ['none', undefined])
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

t.test('paths of routes', async (t) => {
  const refused = ['things', '/a/', '/a//b', '/../a', '/a/./b', '/a/*/b', '/a/:', '/a b', '/a?b', '/%61']
  for (const path of refused) {
    t.match(faultsOf(changed(`match: { path: '${path}', methods: [GET] }`))[0], {
      path: 'routes[0].match.path',
      message: /is not a path such as/,
    })
  }
  for (const path of ['/a', '/a/:id', '/a/:id/b', '/a/*', '/*', '/.well-known/x', '/a/...']) {
    t.equal(load(changed(`match: { path: '${path}', methods: [GET] }`)).routes[0]?.match.path, path)
  }
  expectFaults(t, changed("match: { path: '/a/:x/b/:x', methods: [GET] }"), [
    [7, 20, 'routes[0].match.path', /':x' is there twice/],
  ])
  expectFaults(t, changed('match: { path: /auth/x, methods: [GET] }'), [
    [7, 20, 'routes[0].match.path', /\/auth belongs to the gateway itself/],
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

t.test('two routes with one id', async (t) => {
  const second = ['  - id: things', ...validRoute.map((line) => `    ${line.replace('/things', '/other')}`)]
  const text = [
    'routes:',
    '  - id: things',
    ...validRoute.map((line) => `    ${line}`),
    ...second,
    ...upstream,
  ].join('\n')
  expectFaults(t, text, [[8, 9, 'routes[1].id', /'things' is already the id of routes\[0\]/]])
})

t.test('routes that take the same request with the same precedence', async (t) => {
  const routes = (...matches: readonly string[]): string =>
    [
      'routes:',
      ...matches.flatMap((match, index) => [
        `  - id: r${index}`,
        ...validRoute.slice(1).map((line) => `    ${line}`),
        `    match: ${match}`,
      ]),
      ...upstream,
      'gateway: { hosts: [x, y] }',
    ].join('\n')
  expectFaults(t, routes("{ path: '/a/:x', methods: [GET, PUT] }", "{ path: '/a/:y', methods: [PUT] }"), [
    [13, 20, 'routes[1].match.path', /'r1' overlaps 'r0': both take PUT \/a\/:x/],
  ])
  expectFaults(
    t,
    routes('{ path: /a, methods: [GET], hosts: [x, y] }', '{ path: /a, methods: [GET], hosts: [y] }'),
    [[13, 20, 'routes[1].match.path', /overlaps/]],
  )
  const apart = [
    routes("{ path: '/a/:x', methods: [GET] }", "{ path: '/a/:y', methods: [PUT] }"),
    routes("{ path: '/a/:x', methods: [GET] }", '{ path: /a/b, methods: [GET] }'),
    routes('{ path: /a, methods: [GET], hosts: [x] }', '{ path: /a, methods: [GET], hosts: [y] }'),
    routes('{ path: /a, methods: [GET], hosts: [x] }', '{ path: /a, methods: [GET] }'),
  ]
  for (const text of apart) t.equal(load(text).routes.length, 2)
})

t.test('a route for a host that is not served', async (t) => {
  const route = changed('match: { path: /a, methods: [GET], hosts: [api.example.com, "localhost:3000"] }')
  expectFaults(t, `${route}\ngateway: { hosts: [app.example.com, 'localhost:3000'] }`, [
    [
      7,
      48,
      'routes[0].match.hosts[0]',
      /'api.example.com' is none of gateway.hosts, did you mean 'app.example/,
    ],
  ])
  expectFaults(t, `${route}\ngateway: { origin: 'https://api.example.com' }`, [
    [7, 65, 'routes[0].match.hosts[1]', /'localhost:3000' is none of gateway.hosts/],
  ])
  expectFaults(t, route, [[7, 48, 'routes[0].match.hosts[0]', /is none of gateway.hosts/]])
})

t.test('headers that are never forwarded', async (t) => {
  const ofConnections = ['connection', 'host', 'http2-settings', 'transfer-encoding']
  for (const name of ['Authorization', 'cookie', 'X-Forwarded-For', ...ofConnections]) {
    expectFaults(t, changed(`headers: { request: [x-fine, ${name}] }`), [
      [8, 34, 'routes[0].headers.request[1]', /is never forwarded/],
    ])
  }
  expectFaults(t, changed('headers: { response: [set-cookie] }'), [
    [8, 27, 'routes[0].headers.response[0]', /'set-cookie' is never forwarded/],
  ])
  t.strictSame(load(changed('headers: { request: [X-Tag] }')).routes[0]?.headers.request, ['x-tag'])
  const site = (headers: string) =>
    `${withRoute(...validRoute)}\nsites: [{ id: s, prefix: /s, target: 'https://s.example', headers: ${headers} }]`
  t.match(load(site('{ request: [cookie] }')).sites, [{ headers: { request: ['cookie'] } }])
  for (const name of ofConnections) {
    expectFaults(t, site(`{ request: [cookie, ${name}] }`), [
      [10, 88, 'sites[0].headers.request[1]', /is never forwarded/],
    ])
    expectFaults(t, site(`{ response: [${name}] }`), [
      [10, 81, 'sites[0].headers.response[0]', /is never forwarded/],
    ])
  }
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
