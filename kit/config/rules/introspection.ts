import type { ConfigDocument } from '../document.ts'
import { textAt, valueAt } from '../written.ts'
import type { RuleContext } from './rule.ts'

const place = ['gateway', 'introspection']
const ofForeign = ['issuer', 'clientId', 'clientSecret']

/** Somebody else's endpoint needs to know who asks; the IdP's own knows the gateway already. */
export function introspectionIsComplete(document: ConfigDocument, context: RuleContext): void {
  const endpoint = textAt(document.value, ...place, 'endpoint')
  if (endpoint === undefined) return
  for (const key of ofForeign) {
    const isSaid = valueAt(document.value, ...place, key) !== undefined
    if (endpoint === 'issuer' && isSaid) {
      document.fault([...place, key], "has no meaning with 'endpoint: issuer'", 'key')
    }
    if (endpoint.startsWith('http') && !isSaid)
      document.fault(place, `'${key}' is missing; it goes with a URL`)
  }
  if (context.production && endpoint.startsWith('http:')) {
    document.fault([...place, 'endpoint'], 'is plain http, which production refuses: tokens are sent there')
  }
}
