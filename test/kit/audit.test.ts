import { Audit, auditMigration, AuditTampered, type AuditTable } from '@gatehouse/kit/audit'
import { createLogger } from '@gatehouse/kit/log'
import { MasterKey } from '@gatehouse/kit/secrets'
import { openStore, type Store } from '@gatehouse/kit/store/open'
import type { Kysely } from 'kysely'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { postgresFor } from '../harness/postgres.ts'

const postgres = await postgresFor(t)
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-audit-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const log = createLogger({ name: 'test', level: 'silent' })
const masterKey = MasterKey.generate()
const clock = { now: () => 1_700_000_000_000 }

async function openTables(on: Test, url: string): Promise<Store<AuditTable>> {
  const store = await openStore<AuditTable>({ url, migrations: [auditMigration(1)], log })
  on.teardown(() => store.close())
  return store
}

/** A log of eight entries. */
async function filled(on: Test): Promise<{ audit: Audit; db: Kysely<AuditTable> }> {
  const store = await openTables(on, 'sqlite::memory:')
  const audit = new Audit(store, clock, masterKey)
  for (let n = 1; n <= 8; n++) await audit.append({ action: 'login', actor: `acc-${n}`, details: { n } })
  on.same(await audit.verify(), { ok: true, count: 8 })
  return { audit, db: store.db }
}

function suite(name: string, freshUrl: () => Promise<string>): void {
  t.test(`${name}: what is appended is there, in order, and verifies`, async (on) => {
    const store = await openTables(on, await freshUrl())
    const audit = new Audit(store, clock, masterKey)
    on.same(await audit.verify(), { ok: true, count: 0 })
    await audit.append({
      action: 'login',
      actor: 'acc-alice',
      subject: 'gateway',
      txn: 'txn_1',
      details: { ip: '::1' },
    })
    await audit.append({ action: 'logout', actor: 'acc-alice' })
    on.match(await store.db.selectFrom('audit').selectAll().orderBy('seq').execute(), [
      { seq: 1, at: clock.now(), action: 'login', subject: 'gateway', txn: 'txn_1', details: '{"ip":"::1"}' },
      { seq: 2, action: 'logout', subject: null, txn: null, details: null },
    ])
    on.same(await audit.verify(), { ok: true, count: 2 })
  })

  t.test(`${name}: processes that append at once make one chain`, async (on) => {
    const url = await freshUrl()
    const stores = await Promise.all(Array.from({ length: 3 }, () => openTables(on, url)))
    const audits = stores.map((store) => new Audit(store, clock, masterKey))
    const appends = audits.flatMap((audit) =>
      Array.from({ length: 50 }, (_, n) => audit.append({ action: 'x', actor: `${n}` })),
    )
    await Promise.all(appends)
    on.same(await audits[0]?.verify(), { ok: true, count: 150 })
  })

  t.test(`${name}: text that databases change or refuse does not break the chain`, async (on) => {
    const audit = new Audit(await openTables(on, await freshUrl()), clock, masterKey)
    const odd = `a\0b\uD800c'"\u2028🦊`
    await audit.append({ action: odd, actor: odd, subject: odd, txn: odd, details: { [odd]: odd } })
    on.same(await audit.verify(), { ok: true, count: 1 })
  })

  t.test(`${name}: an entry that cannot be written fails alone`, async (on) => {
    const audit = new Audit(await openTables(on, await freshUrl()), clock, masterKey)
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    const good = audit.append({ action: 'a', actor: 'b' })
    await on.rejects(audit.append({ action: 'a', actor: 'b', details: circular }))
    await on.resolves(good)
    on.same(await audit.verify(), { ok: true, count: 1 })
  })
}

let files = 0
suite('sqlite', () => Promise.resolve(`sqlite:${join(folder, `${(files += 1)}.sqlite`)}`))
if (postgres !== undefined) suite('postgres', () => postgres.createDatabase())

t.test('an edited entry is named, whichever column it was', async (on) => {
  for (const change of [
    { actor: 'x' },
    { action: 'x' },
    { at: 1 },
    { details: '{}' },
    { subject: 'x' },
    { txn: 'x' },
    { hash: 'x' },
  ]) {
    const { audit, db } = await filled(on)
    await db.updateTable('audit').set(change).where('seq', '=', 5).execute()
    on.match(await audit.verify(), { ok: false, at: 5 }, JSON.stringify(change))
  }
})

t.test('a deleted entry is named: first, middle, last, all', async (on) => {
  for (const seq of [1, 4, 8]) {
    const { audit, db } = await filled(on)
    await db.deleteFrom('audit').where('seq', '=', seq).execute()
    on.match(await audit.verify(), { ok: false, at: seq })
  }
  const { audit, db } = await filled(on)
  await db.deleteFrom('audit').execute()
  on.match(await audit.verify(), { ok: false, at: 1 })
})

t.test('a deleted entry is named also when the rest was moved up', async (on) => {
  const { audit, db } = await filled(on)
  await db.deleteFrom('audit').where('seq', '=', 4).execute()
  for (const seq of [5, 6, 7, 8])
    await db
      .updateTable('audit')
      .set({ seq: seq - 1 })
      .where('seq', '=', seq)
      .execute()
  on.match(await audit.verify(), { ok: false, at: 4 })
})

t.test('reordered entries are named', async (on) => {
  const { audit, db } = await filled(on)
  await db.updateTable('audit').set({ seq: 99 }).where('seq', '=', 3).execute()
  await db.updateTable('audit').set({ seq: 3 }).where('seq', '=', 6).execute()
  await db.updateTable('audit').set({ seq: 6 }).where('seq', '=', 99).execute()
  on.match(await audit.verify(), { ok: false, at: 3 })
})

t.test('a shortened log is named, with its head left, moved back or taken away', async (on) => {
  const shorten = async (): Promise<{ audit: Audit; db: Kysely<AuditTable> }> => {
    const whole = await filled(on)
    await whole.db.deleteFrom('audit').where('seq', '>', 6).execute()
    return whole
  }
  const left = await shorten()
  on.match(await left.audit.verify(), { ok: false, at: 7 })

  const movedBack = await shorten()
  const sixth = await movedBack.db
    .selectFrom('audit')
    .select('hash')
    .where('seq', '=', 6)
    .executeTakeFirstOrThrow()
  await movedBack.db.updateTable('audit_head').set({ count: 6, hash: sixth.hash }).execute()
  on.match(await movedBack.audit.verify(), { ok: false, reason: 'the head record was altered' })
  await on.rejects(
    movedBack.audit.append({ action: 'x', actor: 'y' }),
    AuditTampered,
    'appending must not cure it',
  )
  on.match(await movedBack.audit.verify(), { ok: false })

  const takenAway = await shorten()
  await takenAway.db.deleteFrom('audit_head').execute()
  on.match(await takenAway.audit.verify(), { ok: false, reason: 'the head record is missing' })
  await on.rejects(takenAway.audit.append({ action: 'x', actor: 'y' }))
  on.match(await takenAway.audit.verify(), { ok: false })
})

t.test('a shortened log stays named when it grows again', async (on) => {
  const { audit, db } = await filled(on)
  await db.deleteFrom('audit').where('seq', '=', 8).execute()
  await audit.append({ action: 'x', actor: 'y' })
  on.match(await audit.verify(), { ok: false, at: 8 })
})

t.test('a log written anew by someone without the master key is named', async (on) => {
  const { audit, db } = await filled(on)
  await db.deleteFrom('audit').execute()
  await db.deleteFrom('audit_head').execute()
  const forger = new Audit(
    { db, dialect: 'sqlite', close: () => Promise.resolve() },
    clock,
    MasterKey.generate(),
  )
  for (let n = 1; n <= 8; n++) await forger.append({ action: 'login', actor: 'nobody' })
  on.match(await audit.verify(), { ok: false })
})

t.test('an entry put behind the end is named', async (on) => {
  const { audit, db } = await filled(on)
  const last = await db.selectFrom('audit').selectAll().where('seq', '=', 8).executeTakeFirstOrThrow()
  await db
    .insertInto('audit')
    .values({ ...last, seq: 9 })
    .execute()
  on.match(await audit.verify(), { ok: false, at: 9 })
})

t.test('the head, kept elsewhere, tells an older state', async (on) => {
  const { audit } = await filled(on)
  const before = await audit.head()
  on.match(before, { count: 8 })
  await audit.append({ action: 'x', actor: 'y' })
  on.not((await audit.head()).hash, before.hash)
})

t.test('a long log is read in pages, while it grows', async (on) => {
  const store = await openTables(on, 'sqlite::memory:')
  const audit = new Audit(store, clock, masterKey)
  await Promise.all(Array.from({ length: 2_500 }, (_, n) => audit.append({ action: 'x', actor: `${n}` })))
  const growing = Promise.all(Array.from({ length: 200 }, () => audit.append({ action: 'x', actor: 'y' })))
  on.match(await audit.verify(), { ok: true })
  await growing
  on.same(await audit.verify(), { ok: true, count: 2_700 })
  await store.db.updateTable('audit').set({ actor: 'z' }).where('seq', '=', 2_345).execute()
  on.match(await audit.verify(), { ok: false, at: 2_345 })
})
