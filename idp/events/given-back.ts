import type { KeyRing } from '@gatehouse/kit/keys/ring'
import { opaqueTokenId } from '@gatehouse/kit/tokens/opaque'
import { parseUnverified, requireEs256, requireType, TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { IdpStore } from '../storage/tables.ts'
import { rememberRevoked } from '../storage/revoked-tokens.ts'
import { orUnavailable } from '../storage/unavailable.ts'
import type { Outbox } from './outbox.ts'

export interface GivenBackDeps {
  readonly ring: KeyRing
  readonly store: IdpStore
  readonly outbox: Outbox
}

/**
 * Revocation of access tokens (RFC 7009). Ours are JWTs, which rest nowhere, and the library refuses to revoke what it
 * cannot delete. What can be done is to tell everybody that this `jti` no longer counts. Opaque ones it has deleted; those
 * who remember what was said of them are told as well. Runs after the library, which has authenticated the client by then.
 * A token of somebody else's, or none of ours, is answered 200 all the same (section 2.2).
 */
export async function revokeGivenBack(ctx: KoaContextWithOIDC, deps: GivenBackDeps): Promise<void> {
  const { client, params, route, entities } = ctx.oidc
  if (route !== 'revocation' || client === undefined) return
  if (ctx.status === 200) {
    const token = params?.['token']
    const wasOpaque = entities.AccessToken !== undefined || entities.ClientCredentials !== undefined
    if (wasOpaque && typeof token === 'string') await tell(deps, opaqueTokenId(token))
    return
  }
  if (ctx.status !== 400 || !isUnsupported(ctx.body)) return
  const given = ownToken(deps.ring, params?.['token'], client.clientId)
  if (given !== undefined) await tell(deps, given.jti, given.exp * 1000)
  ctx.status = 200
  ctx.body = ''
}

/** @param until milliseconds since the epoch; undefined: introspection here knows without being told. */
async function tell({ store, outbox }: GivenBackDeps, jti: string, until?: number): Promise<void> {
  await orUnavailable(() =>
    store.db.transaction().execute(async (trx) => {
      if (until !== undefined) await rememberRevoked(trx, jti, until)
      await outbox.append(trx, { type: 'token-revoked', jti })
    }),
  )
}

function isUnsupported(body: unknown): boolean {
  return (
    typeof body === 'object' && body !== null && 'error' in body && body.error === 'unsupported_token_type'
  )
}

/** An access token that was issued here to this client. */
function ownToken(ring: KeyRing, token: unknown, clientId: string) {
  if (typeof token !== 'string') return undefined
  try {
    const unverified = parseUnverified(token)
    requireType(unverified, 'at+jwt')
    const key = ring.keys().find(({ kid }) => kid === unverified.header.kid)
    if (key === undefined) return undefined
    requireEs256(unverified, key.publicKey)
    const { jti, client_id, exp } = unverified.payload
    const isTheirs = client_id === clientId && typeof jti === 'string' && typeof exp === 'number'
    return isTheirs ? { jti, exp } : undefined
  } catch (error) {
    if (error instanceof TokenRejected) return undefined
    throw error
  }
}
