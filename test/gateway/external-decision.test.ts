import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createLogger } from '@gatehouse/kit/log'
import { Metrics } from '@gatehouse/kit/metrics'
import { DecisionPoint } from '../../gateway/authz/decision-point.ts'
import { faultsOf, validRoute, withRoute } from '../kit/config-load.ts'
import { startRig } from './rig.ts'

/** Somebody who decides, by real HTTP, and remembers what was asked. */
async function decider(t: Test, answer: (response: ServerResponse) => void) {
  const asked: Record<string, unknown>[] = []
  const state = { answer }
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      asked.push({ ...Object(JSON.parse(text)) })
      state.answer(response)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, state, url: `http://127.0.0.1:${portOf(server.address())}/decide` }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

const says =
  (body: string, status = 200) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(body)

function routed(url: string, more: string, timeout = '20s'): string {
  return `routes: [{ id: orders.read, authz: { external: { url: '${url}', timeout: ${timeout}, ${more} } } }]`
}

t.test('somebody else decides as well, and gets to know enough for it but no credential', async (t) => {
  const other = await decider(t, says('{"allow":true}'))
  const rig = await startRig(t, { config: routed(other.url, 'onFailure: deny') })
  const token = rig.issuer.token()
  t.equal((await rig.call({ path: '/api/orders/7', token })).status, 200)
  t.match(other.asked, [
    {
      txn: /^txn_/,
      route: 'orders.read',
      method: 'GET',
      path: '/api/orders/7',
      params: { id: '7' },
      caller: { sub: 'acc-alice', client_id: 'demo-native', roles: ['customer'] },
    },
  ])
  t.notMatch(JSON.stringify(other.asked), token)
  other.state.answer = says('{"allow":false}')
  const before = rig.reached()
  t.match(await rig.call({ path: '/api/orders/7', token }), { status: 403, json: { code: 'forbidden' } })
  t.equal(rig.reached(), before, 'the service heard nothing')
  t.equal((await rig.call({ path: '/api/orders/7', token: rig.issuer.token({ scope: 'x' }) })).status, 403)
  t.equal(other.asked.length, 2, 'who lacks the scope is not asked about')
})

t.test('without a decision the route says what happens', async (t) => {
  const other = await decider(t, says('{}'))
  const failures: [string, (response: ServerResponse) => void][] = [
    ['no verdict', says('{"allow":"true"}')],
    ['no JSON', says('yes')],
    ['an error', says('{"allow":true}', 500)],
    ['a redirect', (response) => void response.writeHead(302, { location: '/x' }).end()],
    ['too long', says(`{"allow":true,"x":"${'x'.repeat(20_000)}"}`)],
    ['a reset', (response) => void response.destroy()],
    ['silence', () => {}],
  ]
  const closed = await startRig(t, { config: routed(other.url, 'onFailure: deny', '1s') })
  for (const [what, answer] of failures) {
    other.state.answer = answer
    t.match(
      await closed.call({ path: '/api/orders/7' }),
      { status: 503, headers: { 'retry-after': '1' } },
      what,
    )
  }
  t.equal(closed.reached(), 0)
  t.match(await closed.metrics(), /external_decisions_total\{decision="none"\} 7/)
  const open = await startRig(t, { config: routed(other.url, 'onFailure: allow', '1s') })
  for (const [what, answer] of failures) {
    other.state.answer = answer
    t.equal((await open.call({ path: '/api/orders/7' })).status, 200, what)
  }
})

t.test('a decision is remembered only where the route says so, and only for one token', async (t) => {
  const other = await decider(t, says('{"allow":true}'))
  const rig = await startRig(t, { config: routed(other.url, 'onFailure: deny, cache: 10s') })
  const token = rig.issuer.token()
  const ask = (path: string, by = token) => rig.call({ path, token: by })
  for (const path of ['/api/orders/7', '/api/orders/7', '/api/orders/8']) await ask(path)
  t.equal(other.asked.length, 2, 'each order once')
  await ask('/api/orders/7', rig.issuer.token())
  t.equal(other.asked.length, 3, 'another token of the same person')
  rig.clock.advance(10_001)
  await ask('/api/orders/7')
  t.equal(other.asked.length, 4, 'not for longer than that')
  rig.clock.advance(-60_000)
  await ask('/api/orders/7')
  t.equal(other.asked.length, 5, 'nor when the clock was set back')
})

t.test('what happens without a decision must be written', async (t) => {
  const external = (inner: string): string =>
    withRoute(...validRoute.filter((line) => !line.startsWith('authz')), `authz: { scopes: [a], ${inner} }`)
  t.match(faultsOf(external("external: { url: 'http://a/' }")), [{ message: /onFailure/ }])
  t.match(faultsOf(external("external: { url: 'http://u@a/', onFailure: deny }")), [
    { path: /external\.url/ },
  ])
})

t.test('a decision holds no longer than the configuration in force lets it', async (t) => {
  const other = await decider(t, says('{"allow":true}'))
  const time = { now: 1_000_000 }
  const clock = { now: () => time.now }
  const log = createLogger({ name: 'test', level: 'silent' })
  const point = new DecisionPoint({ clock, log, metrics: new Metrics() })
  t.teardown(() => point.close())
  const ask = (cacheMs: number) =>
    point.ask({ url: other.url, timeoutMs: 10_000, onFailure: 'deny', cacheMs }, {}, 'one key')
  t.equal(await ask(3_600_000), 'allow')
  other.state.answer = says('{"allow":false}')
  time.now += 10_000
  t.equal(await ask(3_600_000), 'allow', 'it is remembered')
  t.equal(await ask(10_000), 'deny', 'the route was given less time meanwhile')
  other.state.answer = says('{"allow":true}')
  time.now += 10_000
  t.equal(await ask(3_600_000), 'allow', 'and more time later makes none longer that was to be over')
})
