import { startService } from '@gatehouse/kit'
import type { PartContext, RunningPart } from '@gatehouse/kit/part'
import { contextOf } from '@gatehouse/kit/service/context'
import { openStore } from '@gatehouse/kit/store/open'
import { demoStock } from './demo.ts'
import { listStock } from './list-stock.ts'
import { migrations, type InventoryTables } from './migrations.ts'
import { releaseAnyReservation, releaseReservation } from './release-reservation.ts'
import { Reservations } from './reservations.ts'
import { reserveStock } from './reserve-stock.ts'
import { setStock } from './set-stock.ts'
import { Stock } from './stock.ts'

/** What is on the shelves, and for which orders it is kept. */
export async function start(ctx: PartContext): Promise<RunningPart> {
  const url = ctx.config.services.inventory.store
  const store = await openStore<InventoryTables>({ url, migrations, log: ctx.log })
  const stock = new Stock(store)
  const reservations = new Reservations(store, ctx.clock)
  return startService({
    name: 'inventory',
    context: contextOf(ctx, 'inventory'),
    register: async (app) => {
      if (ctx.config.idp.demo) await stock.add(demoStock)
      listStock(app, stock)
      setStock(app, stock)
      reserveStock(app, reservations)
      releaseReservation(app, reservations)
      releaseAnyReservation(app, reservations)
    },
    onStop: () => store.close(),
  })
}
