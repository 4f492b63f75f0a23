import { Problem } from '@gatehouse/kit/errors'
import type { Route } from '../routing/route.ts'
import type { Tunnels } from './tunnels.ts'
import type { Upgrade } from './upgrades.ts'

/** Why a request for another protocol is refused at this route, before anybody looks at who asks. */
export function upgradeFault(
  upgrade: Pick<Upgrade, 'fault'>,
  route: Pick<Route, 'websocket'>,
  tunnels: Pick<Tunnels, 'isFull'>,
): Problem | undefined {
  if (upgrade.fault !== undefined) return upgrade.fault
  if (route.websocket === undefined) {
    return new Problem('invalid_request', { detail: 'There is no WebSocket here.' })
  }
  return noPlace(tunnels)
}

/** Asked again before the service is: others may have come while a stage waited. */
export function noPlace({ isFull }: Pick<Tunnels, 'isFull'>): Problem | undefined {
  return isFull ? new Problem('upstream_unavailable', { headers: { 'retry-after': '5' } }) : undefined
}
