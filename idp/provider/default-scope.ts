import type { KoaContextWithOIDC } from 'oidc-provider'

/** A machine that names no scope gets all that it is registered for (RFC 6749 section 3.3: a pre-defined default). */
export function applyDefaultScope(ctx: KoaContextWithOIDC, allowed: readonly string[]): void {
  const { params } = ctx.oidc
  if (params?.['grant_type'] !== 'client_credentials' || params['scope'] !== undefined) return
  params['scope'] = allowed.join(' ') || undefined
}
