/**
 * A process of its own that tries to use the same thing several times at once, on the store that its parent names: what
 * many processes of the IdP do behind a load balancer. Started by races.test.ts.
 */
import { systemClock } from '@gatehouse/kit/clock'
import { createLogger } from '@gatehouse/kit/log'
import { MasterKey } from '@gatehouse/kit/secrets'
import { openStore } from '@gatehouse/kit/store/open'
import { createEvents } from '../../idp/events/part.ts'
import { Artifacts } from '../../idp/storage/artifacts.ts'
import { idpMigrations } from '../../idp/storage/migrations.ts'
import { Replays } from '../../idp/storage/replays.ts'
import type { IdpTables } from '../../idp/storage/tables.ts'

const [url = '', keyFile = '', count = '0', models = ''] = process.argv.slice(2)
const log = createLogger({ name: 'racer', level: 'silent' })
const store = await openStore<IdpTables>({ url, migrations: idpMigrations, log })
const clock = systemClock
const { outbox } = createEvents({ store, clock, log, issuer: 'http://localhost' })
const artifacts = new Artifacts({ store, masterKey: MasterKey.fromFile(keyFile), clock, outbox })
const replays = new Replays(store)
const inAnHour = Math.floor(clock.now() / 1000) + 3600

process.once('message', () => {
  void race().then((won) => process.send?.(won, () => process.disconnect()))
})
process.send?.('ready')

/** How often each was had here. */
async function race(): Promise<Readonly<Record<string, number>>> {
  const tries = Array.from({ length: Number(count) })
  const entries = models.split(',').map(async (model) => {
    const all = await Promise.all(
      tries.map(() =>
        model === 'jti'
          ? replays.remember('client', 'shared', inAnHour)
          : artifacts.consumeOnce(model, 'shared'),
      ),
    )
    return [model, all.filter(Boolean).length] as const
  })
  const won = Object.fromEntries(await Promise.all(entries))
  await store.close()
  return won
}
