import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { jsonAt } from './fake/door.ts'

const order = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ sku: 'linen-tote', quantity: 1 }),
}

t.test('a session at the real identity server: use, renewal, restart, logout', async (t) => {
  const platform = await startPlatform({ t })
  const alice = await platform.signIn('alice')
  t.equal((await alice.fetch('/api/orders', order)).status, 201)
  t.match(await (await alice.fetch('/auth/session')).json(), {
    sub: 'acc-alice',
    username: 'alice',
    roles: ['customer'],
    acr: String,
  })

  // The gateway asks for a token of its own now and then as well, to hear of events.
  const refreshes = async (): Promise<number> => {
    const metrics = await (await fetch(`${platform.url('idp', 'admin')}/metrics`)).text()
    return Number(/token_responses_total\{grant_type="refresh_token"\} (\d+)/.exec(metrics)?.[1] ?? 0)
  }
  t.equal(await refreshes(), 0)
  platform.clock.advance(5 * 60_000 + 1000)
  const answers = await Promise.all(Array.from({ length: 20 }, () => alice.fetch('/api/orders')))
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
  t.equal(await refreshes(), 1, 'one refresh for 20 requests')
  platform.clock.advance(5 * 60_000 + 1000)
  t.equal((await alice.fetch('/api/orders')).status, 200, 'and again with the rotated token')

  await platform.restart('gateway')
  await platform.ready()
  t.equal((await alice.fetch('/api/orders')).status, 200, 'the session outlives the process')

  const cookie = alice.cookies.header(new URL(platform.url('gateway')))
  const out = await alice.fetch('/auth/logout', { method: 'POST' })
  t.equal(out.status, 200)
  t.equal(await jsonAt(out, 'logout_url'), `${platform.url('gateway')}/`)
  const after = await platform.fetch('/api/orders', { headers: { cookie } })
  t.equal(after.status, 401)
  t.equal(await jsonAt(after, 'code'), 'no_session')
})

t.test('grants that were revoked at the identity server end the session at its next renewal', async (t) => {
  const platform = await startPlatform({ t })
  const alice = await platform.signIn('alice')
  const url = new URL('/oauth/logout?client_id=gateway', platform.url('idp'))
  const page = await (await fetch(url, { headers: { cookie: alice.cookies.header(url) } })).text()
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const action = /action="([^"]+)"/.exec(page)?.[1] ?? ''
  const done = await fetch(new URL(action, url), {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: alice.cookies.header(new URL(action, url)), origin: platform.url('idp') },
    body: new URLSearchParams({ xsrf, logout: 'yes' }),
  })
  t.equal(done.status, 303)
  platform.clock.advance(5 * 60_000 + 1000)
  t.equal((await alice.fetch('/api/orders')).status, 401)
})
