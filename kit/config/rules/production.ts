import type { ConfigDocument } from '../document.ts'
import type { Path } from '../path.ts'
import { listAt, textAt, valueAt } from '../written.ts'
import type { RuleContext } from './rule.ts'

/** With NODE_ENV=production: TLS, its own or a named trusted proxy's, and nothing made for demonstration. */
export function productionIsSafe(document: ConfigDocument, context: RuleContext): void {
  if (!context.production) return
  refusePlainHttp(['issuer'], ['idp', 'trustedProxies'], document)
  refusePlainHttp(['gateway', 'origin'], ['gateway', 'trustedProxies'], document)
  if (valueAt(document.value, 'idp', 'demo') === true) {
    document.fault(['idp', 'demo'], 'demo users and clients are refused in production; say false')
  }
}

function refusePlainHttp(origin: Path, proxies: Path, document: ConfigDocument): void {
  const url = textAt(document.value, ...origin)
  if (url?.startsWith('https://') || listAt(document.value, ...proxies).length > 0) return
  const why = url === undefined ? 'is missing, and its default is plain http' : 'is plain http'
  document.fault(
    origin,
    `${why}, which production refuses; use https, or name the proxy that ends TLS in ${proxies.join('.')}`,
  )
}
