import t from 'tap'
import { changed, expectFaults, faultsOf, load, upstream, validRoute, withRoute } from './config-load.ts'

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
