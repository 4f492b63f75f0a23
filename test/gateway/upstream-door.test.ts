import t from 'tap'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import { eventually } from '../harness/eventually.ts'
import { freePortBase } from '../harness/ports.ts'
import { FakeUpstream, sendJson } from './fake-upstream.ts'
import { startRig, type Rig } from './rig.ts'

const silence = 'https://localhost:9'

/** A second target of `orders`, to be named in the configuration by its port. */
async function second(rig: Rig, port: number): Promise<FakeUpstream> {
  return FakeUpstream.start(loadWorkload(rig.paths.certs, rig.config.trustDomain, 'orders'), port)
}

const targets = (...more: string[]) =>
  `targets: ['https://localhost:\${port:1002}', ${more.map((it) => `'${it}'`).join()}]`

t.test('a target that is not there costs nobody a request, POST included', async (t) => {
  const rig = await startRig(t, {
    config: `upstreams: { orders: { balance: round-robin, ${targets(silence)} } }`,
  })
  for (let count = 0; count < 8; count++) {
    const body = count % 2 === 0 ? {} : { method: 'POST', body: '{"sku":"oak"}' }
    t.equal((await rig.call({ path: '/api/orders', ...body })).status, 200)
  }
  const posts = rig.services.orders.seen.filter(({ method }) => method === 'POST')
  t.same(
    posts.map(({ body }) => body),
    Array.from({ length: 4 }, () => '{"sku":"oak"}'),
  )
  t.equal(rig.services.orders.seen.length, 8)
  t.match(await rig.metrics(), /upstream_retries_total\{upstream="orders",result="sent"\} [1-9]/)
})

t.test('health checks take a target out and bring it back', async (t) => {
  const port = (await freePortBase()) + 91
  const config = `upstreams: { orders: {
    balance: round-robin, slowStart: 0s, ejection: off, ${targets(`https://localhost:${port}`)},
    health: { path: /healthz, interval: 20ms, unhealthy: 2, healthy: 2 } } }`
  const rig = await startRig(t, { config })
  const other = await second(rig, port)
  t.teardown(() => other.stop())
  let isWell = true
  other.answer = (request, response) =>
    sendJson(response, request.url === '/healthz' && !isWell ? 503 : 200, { ok: true })
  const share = async () => {
    other.seen.length = 0
    for (let count = 0; count < 6; count++) await rig.call({ path: '/api/orders' })
    return other.seen.filter(({ path }) => path === '/api/orders').length
  }
  t.ok(await eventually(async () => (await share()) === 3))
  isWell = false
  t.ok(await eventually(async () => (await share()) === 0))
  t.notOk(
    other.seen.some(({ headers }) => 'authorization' in headers),
    'it is asked without a token',
  )
  isWell = true
  t.ok(await eventually(async () => (await share()) === 3))
  t.match(await rig.metrics(), /health_checks_total\{[^}]*result="unhealthy"\} [1-9]/)
})

t.test('a target with as many requests as it may have is asked how it is all the same', async (t) => {
  const health = 'health: { path: /healthz, interval: 20ms, timeout: 15s, unhealthy: 2 }'
  const rig = await startRig(t, { config: `upstreams: { orders: { concurrency: { max: 1 }, ${health} } }` })
  const { orders } = rig.services
  orders.answer = (request, response) => {
    if (request.url === '/healthz') sendJson(response, 200, {})
  }
  const busy = rig.call({ path: '/api/orders' }).catch(() => undefined)
  t.ok(await eventually(() => orders.seen.some(({ path }) => path === '/api/orders')))
  orders.seen.length = 0
  t.ok(await eventually(() => orders.seen.length >= 5))
  t.notMatch(await rig.metrics(), /health_checks_total\{[^}]*result="unhealthy"\}/)
  await rig.gateway.stop()
  await busy
})

t.test('a service that fails is spared for a while, and then asked again', async (t) => {
  const config = `upstreams: { orders: { retries: { attempts: 0 }, breaker: { volume: 3, open: 3s } } }`
  const rig = await startRig(t, { config })
  let asked = 0
  rig.services.orders.raw = (socket) => {
    asked++
    socket.destroy()
  }
  const statuses: number[] = []
  for (let count = 0; count < 6; count++) statuses.push((await rig.call({ path: '/api/orders' })).status)
  t.same(statuses, [502, 502, 502, 503, 503, 503])
  t.equal(asked, 3)
  const spared = await rig.call({ path: '/api/orders' })
  t.match(spared, { json: { code: 'upstream_unavailable' }, headers: { 'retry-after': '3' } })
  t.equal((await rig.call({ path: '/api/inventory' })).status, 200, 'others go on')
  rig.services.orders.raw = undefined
  rig.clock.advance(3000)
  t.equal((await rig.call({ path: '/api/orders' })).status, 200)
  t.equal((await rig.call({ path: '/api/orders' })).status, 200)
})

t.test('a few wait for their turn, the others are told to come back', async (t) => {
  const config = `upstreams: { orders: { concurrency: { max: 1, queue: 1, wait: 5s } } }`
  const rig = await startRig(t, { config })
  const held: (() => void)[] = []
  rig.services.orders.answer = (_request, response) => held.push(() => sendJson(response, 200, {}))
  const calls = [rig.call({ path: '/api/orders' })]
  await eventually(() => held.length === 1)
  calls.push(rig.call({ path: '/api/orders' }), rig.call({ path: '/api/orders' }))
  const refused = await Promise.race(calls)
  t.match(refused, { status: 503, json: { code: 'upstream_unavailable' }, headers: { 'retry-after': '1' } })
  held.shift()?.()
  t.ok(await eventually(() => held.length === 1))
  held.shift()?.()
  t.same(
    (await Promise.all(calls)).map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 200, 503],
  )
})

t.test('the header of the canary decides, where one is named', async (t) => {
  const port = (await freePortBase()) + 91
  const config = `upstreams: { orders: { canaryHeader: X-Canary, targets: [
    { url: 'https://localhost:\${port:1002}', weight: 1000 }, { url: 'https://localhost:${port}', canary: true }] } }`
  const rig = await startRig(t, { config })
  const canary = await second(rig, port)
  t.teardown(() => canary.stop())
  for (let count = 0; count < 3; count++) {
    await rig.call({ path: '/api/orders', headers: { 'x-canary': 'always' } })
    await rig.call({ path: '/api/orders', headers: { 'x-canary': 'never' } })
  }
  t.same([canary.seen.length, rig.services.orders.seen.length], [3, 3])
})
