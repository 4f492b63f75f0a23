import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import type { Store } from '@gatehouse/kit/store/open'
import { Outbox } from './outbox.ts'
import { Streams } from './streams.ts'
import type { EventTables } from './table.ts'
import { Wake } from './wake.ts'

/** Longer than any receiver is away that is ever to catch up, and than any token lives. */
const keepEventsMs = 7 * 24 * 3_600_000
/** Each start of a gateway has a stream of its own. */
const keepStreamsMs = 24 * 3_600_000
const batch = 1000

export interface EventsPart {
  readonly outbox: Outbox
  readonly streams: Streams
  readonly wake: Wake
  /** Forgets what nobody will ask for any more, a batch of it. @returns how many events went */
  cleanUp(): Promise<number>
}

/** The outbox and its delivery. */
export function createEvents(options: {
  readonly store: Store<EventTables>
  readonly clock: Clock
  readonly log: Logger
  readonly issuer: string
}): EventsPart {
  const { store, clock, log, issuer } = options
  const outbox = new Outbox({ db: store.db, clock, issuer })
  const streams = new Streams({ db: store.db, outbox, clock })
  return {
    outbox,
    streams,
    wake: new Wake({ outbox, log }),
    async cleanUp() {
      await streams.forget(clock.now() - keepStreamsMs)
      return outbox.forget(clock.now() - keepEventsMs, batch)
    },
  }
}
