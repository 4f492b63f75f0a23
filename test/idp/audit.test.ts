import { systemClock } from '@gatehouse/kit/clock'
import { Audit } from '@gatehouse/kit/audit'
import { MasterKey } from '@gatehouse/kit/secrets'
import { createLogger } from '@gatehouse/kit/log'
import { openStore } from '@gatehouse/kit/store/open'
import t from 'tap'
import { withoutDrawn } from '../harness/drawn.ts'
import { idpMigrations } from '../../idp/storage/migrations.ts'
import type { IdpTables } from '../../idp/storage/tables.ts'
import { startPlatform } from '../harness/index.ts'
import { authorizeUrl, newCode, newPkce, tokenRequest } from './native.ts'
import { Person } from './person.ts'

t.test('what people and clients did is on record', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const guest = new Person()
  const login = await guest.follow(await guest.open(authorizeUrl(issuer, newPkce())))
  await guest.submit(login, 'Sign in', { username: 'Alice', password: 'wrong' })
  await guest.submit(login, 'Sign in', { username: 'Correct.Horse-7', password: '' })
  const { params, person } = await newCode(platform)
  await tokenRequest(issuer, params)
  await tokenRequest(issuer, params)
  for (const answer of ['Stay signed in', 'Sign out'])
    await person.submit(await person.open(`${issuer}/oauth/logout`), answer)
  const raced = await newCode(platform)
  await Promise.all(Array.from({ length: 5 }, () => tokenRequest(issuer, raced.params)))
  await platform.stopPart('idp')

  const log = createLogger({ name: 'test', level: 'silent' })
  const store = await openStore<IdpTables>({ url: platform.config.idp.store, migrations: idpMigrations, log })
  t.teardown(() => store.close())
  const rows = await store.db.selectFrom('audit').selectAll().orderBy('seq').execute()
  const entries = rows.map(({ action, actor, subject }) => ({ action, actor, subject }))
  for (const entry of [
    { action: 'account.sign_in_failed', actor: 'anonymous', subject: 'alice' },
    { action: 'account.signed_in', actor: 'acc-alice', subject: 'acc-alice' },
    { action: 'consent.granted', actor: 'acc-alice', subject: 'acc-alice' },
    { action: 'grant.revoked', actor: 'demo-native', subject: 'acc-alice' },
    { action: 'session.ended', actor: 'acc-alice', subject: 'acc-alice' },
  ]) {
    t.ok(
      entries.some((one) => JSON.stringify(one) === JSON.stringify(entry)),
      entry.action,
    )
  }
  t.equal(entries.filter(({ action }) => action === 'account.sign_in_failed').length, 2)
  t.equal(entries.filter(({ action }) => action === 'session.ended').length, 1, 'not for who stayed')
  t.notMatch(
    withoutDrawn(JSON.stringify(rows)),
    /horse/i,
    'what is no user name may be a password in the wrong field',
  )
  t.ok(
    rows.every(({ txn }) => txn?.startsWith('txn_')),
    'each with its transaction',
  )
  const audit = new Audit(store, systemClock, MasterKey.fromFile(platform.paths.masterKey))
  t.match(await audit.verify(), { ok: true, count: rows.length })
})
