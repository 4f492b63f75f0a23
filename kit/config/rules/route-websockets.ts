import type { ConfigDocument } from '../document.ts'
import { listAt, textsAt, valueAt } from '../written.ts'

/** A handshake is a GET (RFC 6455 section 4.1): on a route without it, nobody would ever open a WebSocket. */
export function routeWebSocketsCanOpen(document: ConfigDocument): void {
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    const takes = valueAt(route, 'websocket') === true
    const methods = textsAt(route, 'match', 'methods')
    if (takes && methods.length > 0 && !methods.includes('GET')) {
      document.fault(['routes', index, 'websocket'], 'begins with GET, which the route does not take')
    }
    if (!takes && valueAt(route, 'origins') !== undefined) {
      document.fault(['routes', index, 'origins'], "has no meaning without 'websocket: true'", 'key')
    }
  }
}
