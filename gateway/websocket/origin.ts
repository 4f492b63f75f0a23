import { Problem } from '@gatehouse/kit/errors'
import type { Stage } from '../pipeline/context.ts'

/**
 * A browser opens WebSockets from any page and sends the cookies along; only `Origin` tells which page it was
 * (RFC 6455 section 10.2), and every browser sends it. A token has to be sent on purpose, so its origin does not matter.
 */
export const checkOrigin: Stage = ({ caller, route, request }) => {
  const { upgrade, origin } = request.headers
  if (route.websocket === undefined || upgrade === undefined || caller?.authn !== 'session') return undefined
  if (origin !== undefined && route.websocket.origins.has(origin)) return undefined
  return new Problem('csrf_rejected', { detail: 'A WebSocket with a session is opened from our own pages' })
}
