import type { AdminRoute } from '../admin/route.ts'
import { ok } from '../admin/route.ts'
import type { Clock } from '../clock.ts'
import { Problem } from '../errors.ts'
import { Type } from '../schema.ts'
import type { KeyRing } from './ring.ts'
import { knownFrom, nextStep, type KeyPolicy } from './schedule.ts'

/** A ring under an admin API. */
export interface ManagedRing {
  readonly ring: KeyRing
  readonly policy: KeyPolicy
  readonly clock: Clock
  /** Takes a key out at once, and tells everybody who must know. @returns whether it was there */
  retireNow(kid: string): Promise<boolean>
  /** Puts on record who did what. */
  record(action: string, actor: string, kid: string, txn: string): Promise<void>
}

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
      await turn(managed, call.body(rotation).force ?? false)
      await managed.record('key.rotated', call.actor, managed.ring.signing().kid, call.txn)
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
      await (emergency ? retireNow(managed, kid) : retire(managed, kid))
      await managed.record(emergency ? 'key.revoked' : 'key.retired', call.actor, kid, call.txn)
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

/** @throws Problem `conflict` while a verifier may not know the next key. */
async function turn({ ring, policy, clock }: ManagedRing, force: boolean): Promise<void> {
  await ring.reload()
  const from = knownFrom(ring.keys(), policy)
  const waitMs = from - clock.now()
  if (waitMs > 0 && !force) {
    throw new Problem('conflict', {
      detail: `not every verifier knows the next key before ${iso(from)}`,
      headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
    })
  }
  await ring.rotate()
}

/** In order: the signing key gives way and goes on verifying; the published key, which signed nothing, is replaced. */
async function retire(managed: ManagedRing, kid: string): Promise<void> {
  await managed.ring.reload()
  const key = managed.ring.keys().find((each) => each.kid === kid)
  if (key === undefined) throw new Problem('not_found')
  if (key.state === 'signing') await turn(managed, false)
  if (key.state === 'published') await managed.ring.retire(kid)
}

async function retireNow(managed: ManagedRing, kid: string): Promise<void> {
  if (!(await managed.retireNow(kid))) throw new Problem('not_found')
  await managed.ring.reload()
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
