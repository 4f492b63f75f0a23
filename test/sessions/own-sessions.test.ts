import t from 'tap'
import { isRecord } from '../harness/json.ts'
import { Browser, codeOf, jsonAt, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'

const agent = (name: string) => ({ 'user-agent': name })

async function listed(browser: Browser): Promise<readonly Record<string, unknown>[]> {
  const items = await jsonAt(await browser.fetch('/auth/sessions'), 'items')
  return Array.isArray(items) ? items.filter(isRecord) : []
}

t.test('a person sees where else they are signed in, and ends it', async (t) => {
  const idp = await FakeIdp.start(t)
  idp.state.accessClaims = { amr: ['pwd'] }
  const door = await startDoor(t, { issuer: idp.issuer })
  const desk = new Browser(door.origin)
  const phone = new Browser(door.origin)
  await signIn(desk, idp, '/', agent('Desk/1.0'))
  door.clock.advance(1000)
  idp.state.sid = 'sid-2'
  await signIn(phone, idp, '/', agent(`Phone/2.0 ${'x'.repeat(500)}`))
  const phoneToken = idp.refreshToken

  const [newest, oldest, ...more] = await listed(desk)
  t.same(more, [])
  t.match(newest, { current: false, user_agent: /^Phone\/2\.0 x+$/, amr: ['pwd'], signed_in_at: /^\d{4}-/ })
  t.equal(String(newest?.['user_agent']).length, 200)
  t.match(oldest, { current: true, user_agent: 'Desk/1.0', last_seen_at: /^\d{4}-/, expires_at: /^\d{4}-/ })
  t.match(await (await desk.fetch('/auth/session')).json(), { amr: ['pwd'] }, 'by which method')

  const end = (id: unknown) =>
    desk.fetch('/auth/sessions/end', {
      method: 'POST',
      headers: { 'x-csrf': '1', 'content-type': 'application/json' },
      body: JSON.stringify({ id }),
    })
  t.equal((await phone.fetch('/api/echo')).status, 200)
  t.equal((await end(newest?.['id'])).status, 204)
  const refused = await phone.fetch('/api/echo')
  t.equal(`${refused.status} ${String(await codeOf(refused))}`, '401 no_session')
  t.same(idp.revoked, [phoneToken])
  t.equal((await listed(desk)).length, 1)
  t.equal(await codeOf(await end(newest?.['id'])), 'not_found')
  t.equal(await codeOf(await end(oldest?.['id'])), 'invalid_request', 'its own is ended by signing out')
  t.equal((await desk.fetch('/api/echo')).status, 200)
})

t.test('two browsers with one login at the IdP: the one that asks stays', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const one = new Browser(door.origin)
  const other = new Browser(door.origin)
  await signIn(one, idp)
  await signIn(other, idp)
  const id = (await listed(one)).find(({ current }) => current === false)?.['id']
  await one.fetch('/auth/sessions/end', {
    method: 'POST',
    headers: { 'x-csrf': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ id }),
  })
  t.equal((await other.fetch('/api/echo')).status, 401)
  t.equal((await one.fetch('/api/echo')).status, 200)
  t.same(idp.revoked, [], 'the grant is shared, and goes on')
})
