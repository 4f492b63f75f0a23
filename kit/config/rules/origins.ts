import type { ConfigDocument } from '../document.ts'
import { textAt } from '../written.ts'

/** The IdP lives at the root of its own origin: shared with the gateway, each would get the other's cookies. */
export function originsDiffer(document: ConfigDocument): void {
  const issuer = textAt(document.value, 'issuer')
  const origin = textAt(document.value, 'gateway', 'origin')
  if (issuer === undefined || origin === undefined) return
  if (URL.parse(issuer)?.origin !== URL.parse(origin)?.origin) return
  document.fault(['issuer'], 'is the same origin as gateway.origin; the IdP needs one of its own')
}
