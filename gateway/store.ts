import { keyRingMigration, type KeyRingTable } from '@gatehouse/kit/keys/ring'
import type { PartContext } from '@gatehouse/kit/lifecycle'
import { openStore, type Store } from '@gatehouse/kit/store/open'
import { eventsMigration, foreignEventsMigration, type EventTables } from './events/table.ts'
import { sessionsMigration, type SessionTables } from './sessions/tables.ts'

export type GatewayTables = KeyRingTable & SessionTables & EventTables

/**
 * The gateway's one store: keys of internal tokens, and sessions. Opened once per process, because SQLite waits for a
 * second connection of the same process without letting the first one go on.
 * @throws StartError when it cannot be opened.
 */
export function openGatewayStore(ctx: PartContext): Promise<Store<GatewayTables>> {
  return openStore<GatewayTables>({
    url: ctx.config.gateway.store,
    migrations: [keyRingMigration(1), sessionsMigration(2), eventsMigration(3), foreignEventsMigration(4)],
    log: ctx.log,
  })
}
