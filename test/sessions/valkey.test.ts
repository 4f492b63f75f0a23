import t from 'tap'
import { valkeyFor } from '../harness/valkey.ts'
import { Browser, codeOf, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'

t.test('sessions on Valkey: two gateways share them, and a lost store is no lost session', async (t) => {
  const server = await valkeyFor(t)
  if (server === undefined) return
  const idp = await FakeIdp.start(t)
  const session = `session: { store: '${server.createDatabase()}' }`
  const door = await startDoor(t, { issuer: idp.issuer, session })
  const other = await startDoor(t, { issuer: idp.issuer, beside: door })
  const browser = new Browser(door.url)
  await signIn(browser, idp)
  t.equal((await browser.fetch('/auth/session')).status, 200)
  t.equal((await browser.fetch(`${other.url}/auth/session`)).status, 200)

  const out = await browser.fetch('/auth/logout', { method: 'POST', headers: { 'x-csrf': '1' } })
  t.equal(out.status, 200)
  const later = new Browser(door.url)
  await signIn(later, idp)
  t.equal(await door.ready(), true)
  await server.kill()
  door.clock.advance(10_000)
  const lost = await later.fetch('/auth/session')
  t.equal(`${lost.status} ${String(await codeOf(lost))}`, '503 store_unavailable')
  t.notOk(lost.headers.has('set-cookie'), 'the cookie stays')

  t.strictSame([await door.ready(), await door.ready()], [false, false])
  const told = door.logs.filter((line) =>
    line.includes('not ready: the store of the sessions does not answer'),
  )
  t.equal(told.length, 1, 'once, as no request may come that would tell')
  t.match(told[0], '"level":"warn"')
})
