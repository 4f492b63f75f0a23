import { createLogger } from '@gatehouse/kit/log'
import { KeyRing, keyRingMigration, type KeyRingTable } from '@gatehouse/kit/keys/ring'
import { MasterKey } from '@gatehouse/kit/secrets'
import { openStore } from '@gatehouse/kit/store/open'
import { calculateJwkThumbprint, exportJWK } from 'jose'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { postgresFor } from '../harness/postgres.ts'

const postgres = await postgresFor(t)
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ring-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const log = createLogger({ name: 'test', level: 'silent' })
const masterKey = MasterKey.generate()
const clock = { now: () => Date.now() }

async function openTable(on: Test, url: string) {
  const store = await openStore<KeyRingTable>({ url, migrations: [keyRingMigration(1)], log })
  on.teardown(() => store.close())
  return store
}

function statesOf(ring: KeyRing): readonly string[] {
  return ring.keys().map((key) => key.state)
}

function suite(name: string, freshUrl: () => Promise<string>): void {
  t.test(`${name}: a new ring has a key that signs and one that is known before it does`, async (on) => {
    const ring = await KeyRing.open({
      store: await openTable(on, await freshUrl()),
      ring: 'idp',
      masterKey,
      clock,
    })
    on.same(statesOf(ring), ['signing', 'published'])
    on.equal(ring.signing(), ring.keys()[0])
    for (const [at, key] of ring.keys().entries()) {
      on.equal(key.kid, await calculateJwkThumbprint(await exportJWK(key.publicKey)))
      const jwk = ring.jwks().keys[at]
      on.match(jwk, { kid: key.kid, alg: 'ES256', use: 'sig', kty: 'EC', crv: 'P-256' })
      on.notOk(jwk !== undefined && 'd' in jwk, 'no private part')
    }
  })

  t.test(`${name}: processes that open a new ring at once agree on its keys`, async (on) => {
    const url = await freshUrl()
    const stores = await Promise.all(Array.from({ length: 6 }, () => openTable(on, url)))
    const rings = await Promise.all(
      stores.map((store) => KeyRing.open({ store, ring: 'idp', masterKey, clock })),
    )
    on.equal(new Set(rings.map((ring) => JSON.stringify(ring.jwks()))).size, 1)
    on.same(
      rings.map((ring) => ring.keys().length),
      [2, 2, 2, 2, 2, 2],
    )
  })

  t.test(`${name}: a turn promotes the key that was published`, async (on) => {
    const store = await openTable(on, await freshUrl())
    const ring = await KeyRing.open({ store, ring: 'idp', masterKey, clock })
    const [signing, published] = ring.keys()
    let changes = 0
    const unsubscribe = ring.onChange(() => (changes += 1))
    await ring.rotate()
    on.same(statesOf(ring), ['signing', 'published', 'retiring'])
    on.equal(ring.signing().kid, published?.kid, 'verifiers knew it already')
    on.equal(ring.keys()[2]?.kid, signing?.kid, 'what it signed still verifies')
    await ring.rotate()
    on.same(statesOf(ring), ['signing', 'published', 'retiring', 'retiring'])
    unsubscribe()
    await ring.rotate()
    on.equal(changes, 2)
  })

  t.test(`${name}: of two turns at once one counts`, async (on) => {
    const url = await freshUrl()
    const open = async () => KeyRing.open({ store: await openTable(on, url), ring: 'idp', masterKey, clock })
    const [one, two] = [await open(), await open()]
    await Promise.all([one.rotate(), two.rotate()])
    await Promise.all([one.reload(), two.reload()])
    on.same(statesOf(one), ['signing', 'published', 'retiring'])
    on.same(one.jwks(), two.jwks())
  })

  t.test(`${name}: a turn that was decided before another one does not count`, async (on) => {
    const url = await freshUrl()
    const open = async () => KeyRing.open({ store: await openTable(on, url), ring: 'idp', masterKey, clock })
    const [one, two] = [await open(), await open()]
    const from = one.signing().kid
    await two.rotate()
    await one.reload()
    on.equal(await one.change((trx) => one.rotateIn(trx, from)), undefined)
    on.same(one.jwks(), two.jwks())
    on.same(statesOf(one), ['signing', 'published', 'retiring'])
  })

  t.test(`${name}: rings in one database are apart`, async (on) => {
    const store = await openTable(on, await freshUrl())
    const idp = await KeyRing.open({ store, ring: 'idp', masterKey, clock })
    const internal = await KeyRing.open({ store, ring: 'internal', masterKey, clock })
    on.not(idp.signing().kid, internal.signing().kid)
    await idp.rotate()
    await internal.reload()
    on.same(statesOf(internal), ['signing', 'published'])
  })
}

let files = 0
suite('sqlite', () => Promise.resolve(`sqlite:${join(folder, `${(files += 1)}.sqlite`)}`))
if (postgres !== undefined) suite('postgres', () => postgres.createDatabase())

t.test('the same keys are there after a restart', async (on) => {
  const store = await openTable(on, 'sqlite::memory:')
  const before = await KeyRing.open({ store, ring: 'idp', masterKey, clock })
  const after = await KeyRing.open({ store, ring: 'idp', masterKey, clock })
  on.same(after.jwks(), before.jwks())
})

t.test('the database holds no private key in the clear', async (on) => {
  const store = await openTable(on, 'sqlite::memory:')
  const ring = await KeyRing.open({ store, ring: 'idp', masterKey, clock })
  const dump = JSON.stringify(await store.db.selectFrom('signing_keys').selectAll().execute())
  on.notMatch(dump, 'PRIVATE KEY')
  on.notMatch(dump, String((await exportJWK(ring.signing().privateKey)).d))
})

t.test('another master key, or keys that changed places, end the start with a hint', async (on) => {
  const store = await openTable(on, 'sqlite::memory:')
  const options = { store, ring: 'idp', masterKey, clock } as const
  const ring = await KeyRing.open(options)
  const wrong = KeyRing.open({ ...options, masterKey: MasterKey.generate() })
  await on.rejects(wrong, { name: 'StartError', hint: /master key/ })
  const [signing, published] = await store.db
    .selectFrom('signing_keys')
    .selectAll()
    .orderBy('state', 'desc')
    .execute()
  if (signing === undefined || published === undefined) throw new Error('no keys')
  await store.db
    .updateTable('signing_keys')
    .set({ sealed_key: published.sealed_key })
    .where('kid', '=', signing.kid)
    .execute()
  await on.rejects(KeyRing.open(options), { name: 'StartError' })
  await on.rejects(ring.reload(), { name: 'StartError' })
  on.equal(ring.signing().kid, signing.kid, 'the ring in memory goes on')
})
