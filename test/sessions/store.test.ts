import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { Browser, codeOf, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'
import { LosingStore } from './fake/losing-store.ts'
import { looksLikeAToken } from '../harness/looks-like-a-token.ts'

t.test('what rests on the disk opens no door', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  await browser.fetch('/api/echo')
  const cookie = browser.session ?? ''
  const file = new DatabaseSync(door.storeFile, { readOnly: true })
  const [row] = file.prepare('select * from sessions').all()
  file.close()
  t.match(row, { sub: 'acc-alice', sid: 'sid-1', record: /^v1\./ })
  const dump = readdirSync(door.ctx.paths.dir)
    .filter((name) => name.startsWith('gateway.sqlite'))
    .map((name) => readFileSync(join(door.ctx.paths.dir, name)).toString('latin1'))
    .join('')
  t.ok(dump.includes('acc-alice'), 'this is the right file')
  const logs = door.logs.join('')
  for (const [what, secret] of Object.entries({ cookie, refresh: idp.refreshToken })) {
    t.notOk(dump.includes(secret), `no ${what} in the file`)
    t.notOk(logs.includes(secret), `no ${what} in the log`)
  }
  t.notOk(looksLikeAToken.test(dump), 'no signed token in the file')
  t.notOk(looksLikeAToken.test(logs), 'no signed token in the log')
})

t.test('a record that was moved to another row is worth nothing', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const alice = new Browser(door.origin)
  await signIn(alice, idp)
  idp.state.sub = 'acc-bob'
  const bob = new Browser(door.origin)
  await signIn(bob, idp)
  const file = new DatabaseSync(door.storeFile)
  file.exec(
    "update sessions set record = (select record from sessions where sub = 'acc-alice') where sub = 'acc-bob'",
  )
  file.close()
  t.equal((await bob.fetch('/auth/session')).status, 401)
  t.equal((await alice.fetch('/auth/session')).status, 200)
})

t.test('a lost store is a 503 and not a lost session', async (t) => {
  const losing = new LosingStore()
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer, wrapStore: losing.wrap })
  const browser = new Browser(door.origin)
  const location = (await browser.fetch('/auth/login')).headers.get('location') ?? ''
  await signIn(browser, idp)
  const session = browser.session
  losing.isLost = true
  for (const [method, path] of [
    ['GET', '/api/echo'],
    ['GET', '/auth/session'],
    ['POST', '/auth/logout'],
  ] as const) {
    const response = await browser.fetch(path, { method, headers: { 'x-csrf': '1' } })
    t.equal(response.status, 503, path)
    t.equal(await codeOf(response), 'store_unavailable')
    t.match(response.headers.get('retry-after'), /^\d+$/)
  }
  t.equal((await browser.fetch(idp.authorize(location))).status, 503, 'callback')
  const page = await browser.fetch('/', { headers: { accept: 'text/html' } })
  t.equal(page.status, 503)
  t.match(page.headers.get('content-type'), 'text/html')
  t.equal(browser.session, session, 'the cookie stays')
  t.equal(door.reached.count, 0)
  losing.isLost = false
  t.equal((await browser.fetch('/api/echo')).status, 200, 'and is good again afterwards')
})
