import type { Balance } from '@gatehouse/kit/config/types'
import type { Shares } from '../shares.ts'
import type { Balancer } from './balancer.ts'
import { consistentHash } from './consistent-hash.ts'
import { leastRequests } from './least-requests.ts'
import { roundRobin } from './round-robin.ts'

/** The ways to share requests out, by their names in the configuration. */
export const balancers: Readonly<Record<Balance, (shares: Shares) => Balancer>> = {
  'round-robin': roundRobin,
  'least-requests': leastRequests,
  hash: consistentHash,
}
