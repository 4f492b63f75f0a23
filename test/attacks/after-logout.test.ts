import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { startSecondGateway } from '../harness/second-gateway.ts'
import { Person } from '../idp/person.ts'

t.test('who kept the cookie of a session that was signed out opens nothing with it', async (t) => {
  const platform = await startPlatform({ t })
  const second = await startSecondGateway(t, platform)
  const person = new Person()
  const second401 = async (): Promise<boolean> => {
    for (const deadline = performance.now() + 15_000; performance.now() < deadline;) {
      // oxlint-disable-next-line no-await-in-loop
      if ((await ask('/api/orders'))[1] === 401) return true
      // oxlint-disable-next-line no-await-in-loop
      await sleep(10)
    }
    return false
  }
  const session = await platform.signIn('alice', { cookies: person.jar })
  const origins = [platform.url('gateway'), second.url]
  const cookie = session.cookies.header(new URL(platform.url('gateway')))
  const ask = async (path: string, init: RequestInit = {}) =>
    Promise.all(
      origins.map(async (origin) => {
        const headers = { cookie, ...Object.fromEntries(new Headers(init.headers)) }
        return (await fetch(origin + path, { ...init, headers, redirect: 'manual' })).status
      }),
    )
  t.same(await ask('/api/orders'), [200, 200], 'both gateways hold the session in memory')

  await session.fetch('/auth/logout', { method: 'POST' })
  t.same((await ask('/api/orders'))[0], 401, 'here at once')
  t.ok(await second401(), 'and at the other gateway, as soon as it hears of it; bench/ says how soon')

  platform.forgetReceived()
  const order = { 'x-csrf': '1', 'content-type': 'application/json' }
  const body = JSON.stringify({ sku: 'linen-tote', quantity: 1 })
  t.same(await ask('/api/orders', { method: 'POST', headers: order, body }), [401, 401])
  t.same(await ask('/api/orders/events'), [401, 401])
  t.same(await ask('/auth/session'), [401, 401])
  t.same(await ask('/auth/sessions'), [401, 401])
  t.same(await ask('/auth/logout', { method: 'POST', headers: { 'x-csrf': '1' } }), [401, 401])
  t.same(platform.received('orders'), [], 'no service heard of it')
})
