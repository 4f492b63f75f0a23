import type { Logger } from '@gatehouse/kit/log'
import type { CounterChild, Family } from '@gatehouse/kit/metrics'
import type { RevocationIndex } from '../revocation/index.ts'
import type { EndedSessions } from '../sessions/index.ts'
import type { Effect } from './effect.ts'

export interface ApplyDeps {
  readonly revocation: RevocationIndex
  /** Ends sessions in the store. @throws StoreError */
  readonly endSessions: (which: EndedSessions) => Promise<number>
  readonly events: Family<CounterChild>
  readonly log: Logger
}

/**
 * Does what an event means. The index first: from there on nothing passes, whatever becomes of the store. Doing it
 * twice is doing it once, also much later, because events are delivered at least once, and to each gateway.
 * @throws StoreError when sessions could not be ended; the event must then come again
 */
export async function applyEffects(
  deps: ApplyDeps,
  transmitter: string,
  effects: readonly Effect[],
): Promise<void> {
  for (const { event, revocation, sessions } of effects) {
    if (revocation !== undefined) deps.revocation.revoke(revocation)
    deps.events.child({ transmitter, event }).inc()
    const ended = sessions === undefined ? 0 : await deps.endSessions(sessions)
    deps.log.info({ transmitter, event, ...revocation, sessions: ended }, 'security event')
  }
}
