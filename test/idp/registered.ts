import { systemClock } from '@gatehouse/kit/clock'
import { createLogger } from '@gatehouse/kit/log'
import { openStore } from '@gatehouse/kit/store/open'
import { Clients } from '../../idp/clients/clients.ts'
import { idpMigrations } from '../../idp/storage/migrations.ts'
import type { IdpTables } from '../../idp/storage/tables.ts'
import type { Platform } from '../harness/index.ts'

/** Registers clients beside a running IdP, as the command line does. */
export async function withClients(
  platform: Platform,
  work: (clients: Clients) => Promise<void>,
): Promise<void> {
  const store = await openStore<IdpTables>({
    url: platform.config.idp.store,
    migrations: idpMigrations,
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  try {
    await work(new Clients({ store, clock: systemClock }))
  } finally {
    await store.close()
  }
}
