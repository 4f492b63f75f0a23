import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { composeConfig, patience } from '../harness/config.ts'
import { until } from '../harness/eventually.ts'
import { startRig, type Rig } from './rig.ts'

const reloaded = /gatehouse_gateway_reloads_total\{result="(\w+)"\} (\d+)/g

/** Changes the file and waits until the gateway has said what it makes of it. */
function change(rig: Rig, config: string): Promise<string> {
  return afterChange(rig, () => rig.configure(config))
}

async function afterChange(rig: Rig, write: () => void): Promise<string> {
  const before = await counts(rig)
  write()
  for (const deadline = performance.now() + 15_000; performance.now() < deadline; await sleep(10)) {
    const now = await counts(rig)
    const result = Object.keys(now).find((name) => now[name] !== before[name])
    if (result !== undefined) return result
  }
  throw new Error('the gateway did not look at its file')
}

async function counts(rig: Rig): Promise<Readonly<Record<string, string>>> {
  const found = (await rig.metrics()).matchAll(reloaded)
  return Object.fromEntries([...found].map(([, result = '', count = '']) => [result, count]))
}

const open = 'routes: [{ id: open, match: { path: /open, methods: [GET] }, authn: none, upstream: users }]'

t.test('a changed file is taken over: routes, upstreams, edges', async (t) => {
  const rig = await startRig(t)
  t.equal((await rig.call({ path: '/open', token: null })).status, 404)
  t.equal(await change(rig, open), 'applied')
  t.equal((await rig.call({ path: '/open', token: null })).status, 200)
  t.equal(rig.services.users.only().path, '/open')
  t.match(logged(rig, /configuration changed/), { routes: ['open'], upstreams: [], why: 'file' })
  const moved = `${open}\nupstreams: { users: { targets: [https://localhost:${rig.port + 1002}], identity: orders } }`
  t.equal(await change(rig, moved), 'applied')
  t.equal((await rig.call({ path: '/open', token: null })).status, 200)
  t.equal(rig.services.orders.only().path, '/open', 'the upstream has another target now')
  t.equal(await change(rig, '{}'), 'applied')
  t.equal((await rig.call({ path: '/open', token: null })).status, 404)
})

t.test(
  'clients and roles that are declared for the command line are no reason to refuse a file',
  async (t) => {
    const rig = await startRig(t)
    const declared = `idp:
  clients:
    - { client_id: reports, token_endpoint_auth_method: client_secret_basic, client_secret: a-secret-of-the-test-alone,
        grant_types: [client_credentials], scope: 'orders:read' }
  roles: { support: [carol] }`
    t.equal(await change(rig, declared), 'applied')
    t.equal(await change(rig, `${declared}\n${open}`), 'applied')
    t.equal((await rig.call({ path: '/open', token: null })).status, 200)
    const nonces = `${declared}\n  dpop: { requireNonce: true }\n${open}`
    t.equal(await change(rig, nonces), 'refused', 'what the server reads at its start')
    t.match(logged(rig, /refused/), { reason: 'cannot change while the gateway runs: idp.dpop.requireNonce' })
  },
)

t.test('what changed since the configuration was read, while the gateway started', async (t) => {
  const rig = await startRig(t, { meanwhile: (file) => writeFileSync(file, composeConfig(patience, open)) })
  await until(async () => (await rig.call({ path: '/open', token: null })).status === 200)
  t.same(await counts(rig), { applied: '1' })
})

t.test('SIGHUP while the gateway starts', async (t) => {
  // Without a listener of anybody's the process would end.
  const survive = (): void => undefined
  process.on('SIGHUP', survive)
  t.teardown(() => process.off('SIGHUP', survive))
  const rig = await startRig(t, { meanwhile: () => process.kill(process.pid, 'SIGHUP') })
  await until(async () => Number((await counts(rig))['unchanged'] ?? 0) === 1)
})

t.test('nothing is lost and nothing is cut while it changes', async (t) => {
  const rig = await startRig(t)
  rig.services.users.answer = (request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).write('begun ')
    if (request.url === '/api/users/me') response.end('done')
  }
  const slow = `routes: [{ id: slow, match: { path: /slow, methods: [GET] }, authn: none, stream: true, upstream: users }]`
  t.equal(await change(rig, slow), 'applied')
  const stream = await fetch(`http://localhost:${rig.port}/slow`)
  const load = under(rig)
  for (const balance of ['least-requests', 'round-robin', 'least-requests']) {
    t.equal(await change(rig, `upstreams: { users: { balance: ${balance} } }`), 'applied')
  }
  t.same(await load.stop(), [200], 'every request was answered')
  t.ok(load.count > 4, `${load.count} requests`)
  const reader = stream.body?.getReader()
  t.match(await reader?.read(), { done: false }, 'a stream of a route that is gone goes on')
  await reader?.cancel()
})

t.test('a file that is not valid changes nothing and says why', async (t) => {
  const rig = await startRig(t)
  const result = await change(rig, `${open}\nupstreams: { users: { balance: fair } }\nedgess: []`)
  t.equal(result, 'refused')
  t.equal((await rig.call({ path: '/open', token: null })).status, 404)
  t.equal((await rig.call({ path: '/api/users/me' })).status, 200)
  const { faults } = logged(rig, /refused/)
  t.match(faults, [{ line: Number, column: Number, path: String, message: String }])
  t.match(JSON.stringify(faults), /edgess/)
  const admin = rig.gateway.urls['admin'] ?? ''
  t.equal((await fetch(`${admin}/readyz`)).status, 200, 'it is as ready as before')
  t.match(await rig.metrics(), /gatehouse_gateway_configuration_in_force 0/)
  t.equal(await change(rig, open), 'applied')
  t.match(await rig.metrics(), /gatehouse_gateway_configuration_in_force 1/)
})

t.test('what is opened at start cannot change, and is named', async (t) => {
  const rig = await startRig(t)
  const fixed = `trustDomain: other.example\ngateway: { listen: { host: localhost, port: ${rig.port + 7} } }`
  t.equal(await change(rig, `${open}\n${fixed}`), 'refused')
  const { reason } = logged(rig, /refused/)
  t.match(reason, /trustDomain/)
  t.match(reason, /gateway\.listen\.port/)
  t.equal((await rig.call({ path: '/open', token: null })).status, 404, 'nor is the rest taken over')
})

t.test('SIGHUP has the file read again', async (t) => {
  const rig = await startRig(t)
  process.kill(process.pid, 'SIGHUP')
  await until(async () => Number((await counts(rig))['unchanged'] ?? 0) === 1)
  t.match(logged(rig, /says the same/), { why: 'signal' })
})

t.test('a rate limit goes on counting', async (t) => {
  const limited = (path: string): string =>
    `routes: [{ id: users.me, limits: { rate: 2/h } }, ${other(path)}]`
  const rig = await startRig(t, { config: limited('/one') })
  const ask = async () => (await rig.call({ path: '/api/users/me' })).status
  t.same([await ask(), await ask(), await ask()], [200, 200, 429])
  t.equal(await change(rig, limited('/two')), 'applied')
  t.equal(await ask(), 429)
})

function other(path: string): string {
  return `{ id: other, match: { path: ${path}, methods: [GET] }, authn: none, upstream: users }`
}

function logged(rig: Rig, message: RegExp): Record<string, unknown> {
  return rig.log.lines.findLast((line) => message.test(String(line['msg']))) ?? {}
}

/** Requests, one after the other on four connections, until it is stopped. */
function under(rig: Rig): { readonly count: number; stop(): Promise<readonly number[]> } {
  const seen = new Set<number>()
  let count = 0
  const stopping = new AbortController()
  const token = rig.issuer.token()
  const one = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      seen.add((await rig.call({ path: '/api/users/me', token })).status)
      count++
    }
  }
  const all = Promise.all([one(), one(), one(), one()])
  return {
    get count() {
      return count
    },
    async stop() {
      stopping.abort()
      await all
      return [...seen]
    },
  }
}

const describing = (name: string) =>
  `openapi: 3.1.0\npaths:\n  /open:\n    get: { parameters: [{ name: ${name}, in: query, schema: {} }] }`

t.test('an OpenAPI document that changed while the gateway started', async (t) => {
  const file = join(t.testdir({ 'api.yaml': describing('a') }), 'api.yaml')
  const rig = await startRig(t, {
    config: open.replace('authn:', `contract: ${file}, authn:`),
    contracts: true,
    meanwhile: () => writeFileSync(file, describing('b')),
  })
  await until(async () => (await rig.call({ path: '/open?b=1', token: null })).status === 200)
})

t.test('an OpenAPI document is followed like the file that names it', async (t) => {
  const file = join(t.testdir(), 'api.yaml')
  const write = (name: string): void => writeFileSync(file, describing(name))
  write('a')
  const rig = await startRig(t, {
    config: open.replace('authn:', `contract: ${file}, authn:`),
    contracts: true,
  })
  const asked = async () => (await rig.call({ path: '/open?b=1', token: null })).status
  t.equal(await asked(), 422)
  t.equal(await afterChange(rig, () => write('b')), 'applied')
  t.equal(await asked(), 200)
  t.equal(await afterChange(rig, () => writeFileSync(file, 'openapi: 3.1.0\npaths: {}')), 'refused')
  t.equal(await asked(), 200, 'the one before stays')
  t.match(logged(rig, /refused/), { faults: [{ message: /api\.yaml:2:1 describes no path like \/open/ }] })
})

t.test('what the resource says of itself (RFC 9728) names the scopes of the routes in force', async (t) => {
  const rig = await startRig(t)
  const scopes = async (): Promise<unknown> => {
    const answer = await rig.call({ path: '/.well-known/oauth-protected-resource', token: null })
    return answer.json['scopes_supported']
  }
  const before = await scopes()
  const asks = 'routes: [{ id: orders.list, authz: { scopes: [orders:look] } }]'
  t.equal(await change(rig, asks), 'applied')
  t.same(
    await scopes(),
    [before, 'orders:look'].flat().map(String).toSorted(),
    'orders:read is asked for elsewhere, too',
  )
  t.equal(await change(rig, '{}'), 'applied')
  t.same(await scopes(), before)
})
