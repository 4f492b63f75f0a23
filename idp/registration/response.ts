import type { KoaContextWithOIDC } from 'oidc-provider'
import { policyProperties } from '../provider/client-policy.ts'

const own: ReadonlySet<string> = new Set(['resource_scope', ...policyProperties])

/** What a client is told of its registration: in the standard's words only, and its secret only when it is made. */
export function tidyRegistration(ctx: KoaContextWithOIDC): void {
  const { body } = ctx
  if (!ctx.oidc.route.startsWith('registration') && !ctx.oidc.route.startsWith('client')) return
  if (ctx.status >= 300 || typeof body !== 'object' || body === null || !('client_id' in body)) return
  const given: Readonly<Record<string, unknown>> = { ...body }
  const kept = Object.entries(given).filter(
    ([name]) => !own.has(name) && (name !== 'client_secret' || isSecretNew(ctx)),
  )
  const scopes = [given['scope'], given['resource_scope']].filter(
    (part) => typeof part === 'string' && part !== '',
  )
  ctx.body = { ...Object.fromEntries(kept), ...endOf(given), scope: scopes.join(' ') }
}

/** A secret ends with the registration that it is of; the library says 0, which means never (RFC 7591 section 3.2.1). */
function endOf({ client_secret_expires_at, expires_at }: Readonly<Record<string, unknown>>) {
  if (client_secret_expires_at === undefined || typeof expires_at !== 'number') return {}
  return { client_secret_expires_at: Math.floor(expires_at / 1000) }
}

/** At the registration itself, and in a change by which a client comes to have one. */
function isSecretNew({ status, oidc }: KoaContextWithOIDC): boolean {
  // The library still has the client there as it was before the change.
  return status === 201 || (oidc.route === 'client_update' && oidc.client?.clientSecret === undefined)
}
