import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '@gatehouse/kit/clock'
import { createLogger } from '@gatehouse/kit/log'
import { MasterKey } from '@gatehouse/kit/secrets'
import { openStore } from '@gatehouse/kit/store/open'
import { createEvents } from '../../idp/events/part.ts'
import { Artifacts } from '../../idp/storage/artifacts.ts'
import { idpMigrations } from '../../idp/storage/migrations.ts'
import type { IdpTables } from '../../idp/storage/tables.ts'
import { isRecord } from '../harness/json.ts'
import { postgresFor } from '../harness/postgres.ts'

const processes = 2
const triesEach = 25
const models = [
  'AuthorizationCode',
  'RefreshToken',
  'PushedAuthorizationRequest',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
]

/** Two processes try 50 times in all to use each thing that counts once. */
async function race(t: Test, url: string): Promise<void> {
  const keyFile = join(t.testdir({}), 'master.key')
  MasterKey.generate().writeNew(keyFile)
  const log = createLogger({ name: 'test', level: 'silent' })
  const store = await openStore<IdpTables>({ url, migrations: idpMigrations, log })
  const clock = systemClock
  const { outbox } = createEvents({ store, clock, log, issuer: 'http://localhost' })
  const artifacts = new Artifacts({ store, masterKey: MasterKey.fromFile(keyFile), clock, outbox })
  for (const model of models) await artifacts.save(model, 'shared', {}, 3600)
  await store.close()

  const things = [...models, 'jti']
  const racers = Array.from({ length: processes }, () =>
    fork(join(import.meta.dirname, 'racer.ts'), [url, keyFile, String(triesEach), things.join(',')]),
  )
  t.teardown(() => racers.forEach((racer) => racer.kill()))
  await Promise.all(racers.map((racer) => once(racer, 'message')))
  const won = Promise.all(racers.map(answerOf))
  for (const racer of racers) racer.send('go')
  const results = await won
  for (const thing of things) {
    t.equal(
      results.reduce((sum, result) => sum + Number(result[thing]), 0),
      1,
      `${thing}: one success`,
    )
  }
}

async function answerOf(racer: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  const [answer]: unknown[] = await once(racer, 'message')
  if (!isRecord(answer)) throw new Error('a racer did not finish')
  return answer
}

t.test('several processes on SQLite', { timeout: 240_000 }, (t) =>
  race(t, `sqlite:${join(t.testdir({}), 'idp.sqlite')}`),
)

t.test('several processes on PostgreSQL', { timeout: 240_000 }, async (t) => {
  const postgres = await postgresFor(t)
  if (postgres !== undefined) await race(t, await postgres.createDatabase())
})
