import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startShop } from '../harness/shop.ts'

const dir = t.testdir()
const file = join(dir, 'users.sqlite')
const shop = await startShop(dir, { stores: { users: `sqlite:${file}` } })
t.teardown(() => shop.stop())
const me = (sub: string) => shop.to('users', '/api/users/me', { sub })

t.test('everybody sees themselves', async (t) => {
  t.match(await me('acc-alice'), {
    status: 200,
    json: { id: 'acc-alice', username: 'alice', address: { city: 'Little Bramley', country: 'GB' } },
  })
  t.match(await me('acc-bob'), { status: 200, json: { id: 'acc-bob', username: 'bob' } })
})

t.test('people without a profile, and machines, get their id alone', async (t) => {
  t.same((await me('acc-new')).json, { id: 'acc-new', name: null, address: null })
  t.same((await me('demo-machine')).json, { id: 'demo-machine', name: null, address: null })
  const odd = `a'b"c%00\u0000`
  t.same((await me(odd)).json, { id: odd, name: null, address: null })
})

t.test('nobody without the scope', async (t) => {
  const answer = await shop.to('users', '/api/users/me', { scope: 'users:write' })
  t.match(answer, { status: 403, json: { code: 'insufficient_scope' } })
})

t.test('names and addresses do not rest in the clear', async (t) => {
  const bytes = [file, `${file}-wal`].map((name) => readFileSync(name).toString('latin1')).join('')
  t.ok(bytes.includes('acc-alice'), 'the right file')
  for (const word of ['Archer', 'Orchard', 'Bramley']) t.notOk(bytes.includes(word), word)
})

t.test('without demo there is nobody', async (t) => {
  const empty = await startShop(t.testdir(), { demo: false })
  const answer = await empty.to('users', '/api/users/me')
  t.same(answer.json, { id: 'acc-alice', name: null, address: null })
  t.same((await empty.to('inventory', '/api/inventory')).json, { items: [] })
  await empty.stop()
})
