import type { ConfigDocument } from '../document.ts'
import { keysAt } from '../written.ts'

/** `/token` at the internal door is the exchange endpoint (RFC 8693), so no service can be reached there. */
export function upstreamNamesAreFree(document: ConfigDocument): void {
  if (keysAt(document.value, 'upstreams').includes('token')) {
    document.fault(
      ['upstreams', 'token'],
      `'token' is the internal door's own word; choose another name`,
      'key',
    )
  }
}
