import type { Transaction } from 'kysely'
import { ok, type AdminCall, type AdminRoute } from '../admin/route.ts'
import type { Clock } from '../clock.ts'
import { Problem } from '../errors.ts'
import { Type } from '../schema.ts'
import type { KeyRing, KeyRingTable } from './ring.ts'
import { knownFrom, nextStep, type KeyPolicy } from './schedule.ts'

/** A ring under an admin API. */
export interface ManagedRing {
  readonly ring: KeyRing
  readonly policy: KeyPolicy
  readonly clock: Clock
  /**
   * Runs a change of the ring, tells everybody who must know, and puts on record who did it: in one transaction, where
   * the record is in the same store. The ring knows of it afterwards.
   * @returns what was done; undefined when there was nothing to change, which is not on record
   */
  commit(call: AdminCall, change: RingChange): Promise<KeyChange | undefined>
}

/** What is done to a ring by hand. */
export interface KeyChange {
  readonly action: 'key.rotated' | 'key.retired' | 'key.revoked'
  /** Of the key that is taken out of use; of the one that signs from now on, where the ring was turned. */
  readonly kid: string
}

export type RingChange = (trx: Transaction<KeyRingTable>) => Promise<KeyChange | undefined>

const rotation = Type.Object(
  { force: Type.Optional(Type.Boolean({ description: 'even if not every verifier knows the next key' })) },
  { additionalProperties: false },
)
const retirement = Type.Object(
  { emergency: Type.Optional(Type.Boolean({ description: 'at once; what it signed is refused' })) },
  { additionalProperties: false },
)

/** Shows, turns and retires the keys of a ring. */
export const keyRoutes: readonly AdminRoute<ManagedRing>[] = [
  {
    method: 'GET',
    path: '/keys',
    scope: 'admin:read',
    summary: 'Keys of the ring, with their states and what happens to them next',
    handle: async (managed) => ok({ items: await viewsOf(managed) }),
  },
  {
    method: 'POST',
    path: '/keys/rotate',
    scope: 'admin:write',
    summary: 'The published key signs from now on',
    body: rotation,
    handle: async (managed, call) => {
      const from = await mayTurn(managed, call.body(rotation).force ?? false)
      await managed.commit(call, async (trx) => {
        const kid = await managed.ring.rotateIn(trx, from)
        return kid === undefined ? undefined : { action: 'key.rotated', kid }
      })
      return ok({ items: await viewsOf(managed) })
    },
  },
  {
    method: 'POST',
    path: '/keys/:kid/retire',
    scope: 'admin:write',
    summary: 'Takes a key out of use; with `emergency` at once, together with all that it signed',
    body: retirement,
    handle: async (managed, call) => {
      const kid = call.param('kid')
      const emergency = call.body(retirement).emergency ?? false
      if (emergency) await retireNow(managed, call, kid)
      else await managed.commit(call, await retire(managed, kid))
      return ok({ items: await viewsOf(managed) })
    },
  },
]

async function viewsOf({ ring, policy }: ManagedRing): Promise<readonly unknown[]> {
  await ring.reload()
  const keys = ring.keys()
  return keys.map((key) => {
    const next = nextStep(key, keys, policy)
    return {
      ring: ring.name,
      kid: key.kid,
      alg: key.alg,
      state: key.state,
      created_at: iso(key.createdAt),
      state_since: iso(key.stateSince),
      next: next.step,
      next_at: iso(next.at),
    }
  })
}

/** @returns which key gives way. @throws Problem `conflict` while a verifier may not know the next key. */
async function mayTurn({ ring, policy, clock }: ManagedRing, force: boolean): Promise<string> {
  await ring.reload()
  const from = knownFrom(ring.keys(), policy)
  const waitMs = from - clock.now()
  if (waitMs > 0 && !force) {
    throw new Problem('conflict', {
      detail: `not every verifier knows the next key before ${iso(from)}`,
      headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
    })
  }
  return ring.signing().kid
}

/** In order: the signing key gives way and goes on verifying; the published key, which signed nothing, is replaced. */
async function retire(managed: ManagedRing, kid: string): Promise<RingChange> {
  const { ring } = managed
  await ring.reload()
  const key = ring.keys().find((each) => each.kid === kid)
  if (key === undefined) throw new Problem('not_found')
  if (key.state === 'signing') await mayTurn(managed, false)
  return async (trx) => {
    const isDone =
      key.state === 'signing'
        ? (await ring.rotateIn(trx, kid)) !== undefined
        : key.state === 'published' && (await ring.retireIn(trx, kid))
    return isDone ? { action: 'key.retired', kid } : undefined
  }
}

async function retireNow(managed: ManagedRing, call: AdminCall, kid: string): Promise<void> {
  const retired = await managed.commit(call, async (trx) =>
    (await managed.ring.retireIn(trx, kid)) ? { action: 'key.revoked', kid } : undefined,
  )
  if (retired === undefined) throw new Problem('not_found')
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
