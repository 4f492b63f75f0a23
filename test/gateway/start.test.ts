import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { systemClock } from '@gatehouse/kit/clock'
import { StartError } from '@gatehouse/kit/errors'
import { createLogger } from '@gatehouse/kit/log'
import type { PartContext } from '@gatehouse/kit/part'
import { MasterKey } from '@gatehouse/kit/secrets'
import { start } from '../../gateway/start.ts'
import { until } from '../harness/eventually.ts'
import { send } from './client.ts'
import { startRig } from './rig.ts'

t.test('it starts, stops, and starts again with the same keys', async (t) => {
  const rig = await startRig(t)
  const keys = (await rig.inside(null, { path: '/.well-known/jwks.json' })).text
  t.same(Object.keys(rig.gateway.urls), ['public', 'internal', 'admin'])
  await rig.gateway.stop()
  await t.rejects(send(rig.port, { path: '/healthz' }), 'nobody listens')
  const again = await start(contextOf(rig))
  t.teardown(() => again.stop())
  t.equal((await rig.inside(null, { path: '/.well-known/jwks.json' })).text, keys)
})

t.test('a port that is taken: one clear error, and nothing stays open', async (t) => {
  const rig = await startRig(t)
  await rig.gateway.stop()
  const squatter = createServer().listen(rig.port, '127.0.0.1')
  t.teardown(() => new Promise((resolve) => squatter.close(resolve)))
  await new Promise((resolve) => squatter.once('listening', resolve))
  await t.rejects(start(contextOf(rig)), StartError)
  await t.rejects(rig.inside(null, { path: '/.well-known/jwks.json' }), 'the internal door is closed again')
})

t.test('it stops in time while requests hang', async (t) => {
  const rig = await startRig(t)
  rig.services.orders.answer = () => {}
  const hanging = rig.call({ path: '/api/orders' }).catch(() => 'cut')
  await until(() => rig.services.orders.seen.length > 0)
  const started = performance.now()
  await rig.gateway.stop()
  t.ok(performance.now() - started < 10_000, 'not after the whole time that the request has')
  t.equal(await hanging, 'cut')
})

t.test('it stops in time while somebody has connected to TLS and says nothing', async (t) => {
  const tls = "{ cert: '${data}/certs/gateway.pem', key: '${data}/certs/gateway.key' }"
  const rig = await startRig(t, {
    config: `gateway: { origin: 'https://localhost:\${port:0}', tls: ${tls} }`,
  })
  const socket = connect(rig.port, '127.0.0.1')
  t.teardown(async () => void socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const late = sleep(15_000, 'late', { ref: false })
  t.not(await Promise.race([rig.gateway.stop(), late]), 'late')
})

t.test('what the configuration cannot mean does not start', async (t) => {
  const rig = await startRig(t)
  await rig.gateway.stop()
  const context = contextOf(rig)
  const { config } = context
  const [first] = config.routes
  if (first === undefined) throw new Error('no route')
  const orders = config.upstreams['orders']
  if (orders === undefined) throw new Error('no upstream')
  for (const [what, change] of [
    [
      'plain http',
      {
        upstreams: {
          ...config.upstreams,
          orders: { ...orders, targets: [{ url: 'http://localhost:1', weight: 1, canary: false }] },
        },
      },
    ],
    ['no such upstream', { routes: [{ ...first, upstream: 'nobody' }] }],
    ['authentication without a token', { routes: [{ ...first, token: undefined }] }],
    ['two routes for one request', { routes: [first, { ...first, id: 'again' }] }],
  ] as const) {
    const failure: unknown = await start({ ...context, config: { ...config, ...change } }).catch(
      (error: unknown) => error,
    )
    t.ok(failure instanceof StartError, what)
  }
})

function contextOf({ config, paths }: Awaited<ReturnType<typeof startRig>>): PartContext {
  return {
    config,
    paths,
    clock: systemClock,
    log: createLogger({ name: 'gateway', level: 'silent' }),
    masterKey: MasterKey.fromFile(paths.masterKey),
    production: false,
  }
}
