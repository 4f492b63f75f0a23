import type { Config } from '@gatehouse/kit/config/types'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { OwnClaims, OwnTokens } from './own-tokens.ts'
import { text } from './show.ts'

const jwtType = 'application/token-introspection+jwt'

export interface IntrospectionDeps {
  readonly config: Config
  readonly ownTokens: OwnTokens
  /** Clients that may ask about everybody's tokens for the APIs, because they serve those. */
  readonly resourceServers: ReadonlySet<string>
}

/**
 * Introspection (RFC 7662) of access tokens that are JWTs, which the library refuses. Runs after it, when the client
 * was authenticated. Others' tokens are said to be inactive (section 4).
 */
export async function introspectOwn(ctx: KoaContextWithOIDC, deps: IntrospectionDeps): Promise<void> {
  const { client, params, route } = ctx.oidc
  await refuseOutdated(ctx, deps)
  if (route !== 'introspection' || ctx.status !== 400 || client === undefined || !isUnsupported(ctx.body))
    return
  const claims = (await deps.ownTokens.aliveForAny(text(params?.['token']) ?? ''))?.claims
  // Who serves the APIs must not take for one of theirs what is for something else, be it its own.
  const mayKnow = deps.resourceServers.has(client.clientId)
    ? claims?.aud === deps.config.resource
    : claims?.client_id === client.clientId
  ctx.status = 200
  ctx.body = claims === undefined || !mayKnow ? { active: false } : answer(claims)
  if (ctx.accepts('json', jwtType) === jwtType) await sign(ctx)
}

/** What the library keeps of an opaque token is of when it was issued: it ends with the roles that it says, as others do. */
async function refuseOutdated(ctx: KoaContextWithOIDC, { ownTokens }: IntrospectionDeps): Promise<void> {
  const token = ctx.oidc.entities.AccessToken
  if (ctx.oidc.route !== 'introspection' || ctx.status !== 200 || token?.aud === undefined) return
  if (await ownTokens.isStill(token.accountId, token.extra?.['roles'] ?? [])) return
  ctx.body = { active: false }
  if (ctx.accepts('json', jwtType) === jwtType) await sign(ctx)
}

function answer(claims: OwnClaims) {
  return { active: true, ...claims, token_type: claims.cnf?.jkt === undefined ? 'Bearer' : 'DPoP' }
}

/** RFC 9701 section 5. */
async function sign(ctx: KoaContextWithOIDC): Promise<void> {
  const token = new ctx.oidc.provider.IdToken({}, { ctx })
  // Read-only in the library's types; this is how it does the same for tokens of its own.
  Reflect.set(token, 'extra', { token_introspection: ctx.body, aud: ctx.oidc.client?.clientId })
  ctx.body = await token.issue({ use: 'introspection' })
  ctx.type = jwtType
}

function isUnsupported(body: unknown): boolean {
  return (
    typeof body === 'object' && body !== null && 'error' in body && body.error === 'unsupported_token_type'
  )
}
