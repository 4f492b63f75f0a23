import { systemClock } from '@gatehouse/kit/clock'
import { createLogger } from '@gatehouse/kit/log'
import { openStore } from '@gatehouse/kit/store/open'
import { Clients } from '../../idp/clients/clients.ts'
import { idpMigrations } from '../../idp/storage/migrations.ts'
import type { IdpStore, IdpTables } from '../../idp/storage/tables.ts'
import type { Platform } from '../harness/index.ts'

/** Opens the database beside a running IdP. */
export async function withStore(platform: Platform, work: (store: IdpStore) => Promise<void>): Promise<void> {
  const store = await openStore<IdpTables>({
    url: platform.config.idp.store,
    migrations: idpMigrations,
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  try {
    await work(store)
  } finally {
    await store.close()
  }
}

/** Registers clients beside a running IdP, as the command line does. */
export function withClients(platform: Platform, work: (clients: Clients) => Promise<void>): Promise<void> {
  return withStore(platform, (store) => work(new Clients({ store, clock: systemClock })))
}
