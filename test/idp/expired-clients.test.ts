import { sql } from 'kysely'
import { stringify } from 'yaml'
import t, { type Test } from 'tap'
import { systemClock } from '@gatehouse/kit/clock'
import { createLogger } from '@gatehouse/kit/log'
import { openStore } from '@gatehouse/kit/store/open'
import { createEvents } from '../../idp/events/part.ts'
import { recordOf } from '../../idp/documents/record.ts'
import { Cleanup } from '../../idp/storage/cleanup.ts'
import { idpMigrations } from '../../idp/storage/migrations.ts'
import type { IdpStore, IdpTables } from '../../idp/storage/tables.ts'
import { startPlatform, type Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { postgresFor } from '../harness/postgres.ts'
import { authorize, authorizeUrl, newPkce } from './native.ts'
import { withClients, withStore } from './registered.ts'

const redirect = 'https://app.example/cb'
const hourMs = 3_600_000
const registration = { who: 'anyone', quota: '1000/min', expiry: '1h' }
const documentUrl = 'https://agent.example/agent.json'

async function register({ config }: Platform): Promise<string> {
  const answer = await fetch(`${config.issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [redirect], token_endpoint_auth_method: 'none' }),
  })
  return textField(await answer.json(), 'client_id')
}

/** Leaves a document as if it had just been read. */
function rememberDocument(platform: Platform): Promise<void> {
  const now = platform.clock.now()
  const document = { client_id: documentUrl, redirect_uris: [redirect] }
  const policy = {
    hosts: 'any',
    scopes: ['openid'],
    quota: { count: 1, windowMs: 1 },
    expiryMs: hourMs,
  } as const
  const times = { freshUntil: now + 60_000, expiresAt: now + hourMs }
  const record = recordOf(documentUrl, document, policy, times)
  return withClients(platform, async (clients) => {
    if (record !== undefined) await clients.put(record)
  })
}

async function sweep(store: IdpStore): Promise<void> {
  const log = createLogger({ name: 'test', level: 'silent' })
  const events = createEvents({ store, clock: systemClock, log, issuer: 'https://idp.test' })
  await new Cleanup({ store, clock: systemClock, log, events }).run()
  events.wake.stop()
}

async function knownIds({ db }: IdpStore): Promise<readonly string[]> {
  return (await db.selectFrom('clients').select('client_id').execute()).map((row) => row.client_id)
}

async function swept(t: Test, store: string | undefined): Promise<void> {
  const config = stringify({ idp: { registration, ...(store === undefined ? {} : { store }) } })
  const platform = await startPlatform({ only: ['idp'], t, config })
  const { clock } = platform
  const [first] = await Promise.all([register(platform), rememberDocument(platform)])
  const url = authorizeUrl(platform.config.issuer, newPkce(), {
    client_id: first,
    redirect_uri: redirect,
    scope: 'openid',
  })
  await authorize(platform, url)
  await withStore(platform, async (db) => {
    const consentsOf = async (client_id: string) =>
      (await db.db.selectFrom('consents').selectAll().where('client_id', '=', client_id).execute()).length
    const [before] = [await knownIds(db)]
    t.ok(before.includes(first) && before.includes(documentUrl))
    t.equal(await consentsOf(first), 1)
    clock.advance(hourMs / 2)
    const second = await register(platform)
    clock.advance(hourMs / 2)
    await sweep(db)
    t.same((await knownIds(db)).toSorted(), [...before, second].toSorted(), 'not at the very moment')
    clock.advance(120_000)
    await sweep(db)
    const expected = [...before, second].filter((id) => id !== first && id !== documentUrl)
    t.same((await knownIds(db)).toSorted(), expected.toSorted(), 'those whose time is over, and no others')
    t.equal(await consentsOf(first), 0, 'what a person allowed it is forgotten')
    const keys = await db.db
      .selectFrom('artifacts')
      .select('client_id')
      .where('model', '=', 'RegistrationAccessToken')
      .execute()
    t.same(keys, [{ client_id: second }], 'and with what it managed itself, which has no end of its own')
  })
}

async function sweptInBatches(t: Test, store: string | undefined): Promise<void> {
  const config = stringify({ idp: store === undefined ? {} : { store } })
  const platform = await startPlatform({ only: ['idp'], t, config })
  await withStore(platform, async (db) => {
    const before = (await knownIds(db)).length
    const now = platform.clock.now()
    const rows = Array.from({ length: 1_200 }, (_, index) => ({
      client_id: `dyn_${index}`,
      metadata: '{}',
      secret_mac: null,
      created_at: now,
      updated_at: now,
      expires_at: now,
    }))
    for (let at = 0; at < rows.length; at += 400)
      await db.db
        .insertInto('clients')
        .values(rows.slice(at, at + 400))
        .execute()
    platform.clock.advance(120_000)
    await sweep(db)
    t.equal((await knownIds(db)).length, before)
  })
}

/** A database from before the column was there. */
async function migrated(t: Test, url: string): Promise<void> {
  const log = createLogger({ name: 'test', level: 'silent' })
  const client = (client_id: string, more: object) => {
    const record = {
      client_id,
      client_name: 'A',
      application_type: 'web',
      token_endpoint_auth_method: 'none',
    }
    const lists = { grant_types: [], response_types: [], redirect_uris: [], post_logout_redirect_uris: [] }
    return { client_id, metadata: JSON.stringify({ ...record, ...lists, scope: '', ...more }) }
  }
  const old = await openStore<IdpTables>({ url, migrations: idpMigrations.slice(0, 9), log })
  for (const { client_id, metadata } of [client('own', {}), client('dyn_1', { expires_at: 7 })])
    await sql`insert into clients (client_id, metadata, created_at, updated_at)
      values (${client_id}, ${metadata}, 1, 1)`.execute(old.db)
  await old.close()
  const store = await openStore<IdpTables>({ url, migrations: idpMigrations, log })
  t.same(
    await store.db.selectFrom('clients').select(['client_id', 'expires_at']).orderBy('client_id').execute(),
    [
      { client_id: 'dyn_1', expires_at: 7 },
      { client_id: 'own', expires_at: null },
    ],
  )
  await store.close()
}

t.test('SQLite: a database from before', (t) => migrated(t, `sqlite:${t.testdir({})}/idp.sqlite`))
t.test('SQLite: registrations and documents whose time is over', (t) => swept(t, undefined))
t.test('SQLite: many', (t) => sweptInBatches(t, undefined))

t.test('PostgreSQL', async (t) => {
  const postgres = await postgresFor(t)
  if (postgres === undefined) return
  await t.test('a database from before', async (t) => migrated(t, await postgres.createDatabase()))
  await t.test('registrations and documents whose time is over', async (t) =>
    swept(t, await postgres.createDatabase()),
  )
  await t.test('many', async (t) => sweptInBatches(t, await postgres.createDatabase()))
})
