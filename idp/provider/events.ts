import type { Logger } from '@gatehouse/kit/log'
import type { AuditEvent } from '@gatehouse/kit/audit'
import { Provider, type Client, type errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { ArtifactOwner } from '../storage/artifacts.ts'
import type { IdpAudit } from '../audit.ts'
import { partsOf } from '../sessions/login.ts'
import { tellOfLogout } from './internals.ts'
import type { RequestNotes } from './notes.ts'
import { txnHeader } from './show.ts'

export interface EventDeps {
  readonly log: Logger
  readonly audit: IdpAudit
  readonly notes: RequestNotes
  countToken(grantType: string): void
}

/** What the provider tells of itself, to the log, the audit log and the metrics. */
export function observe(provider: Provider, deps: EventDeps): void {
  const refused = (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError): void => {
    deps.notes.add(ctx.req, {
      oauth_error: error.error,
      reason: error.error_detail ?? error.error_description,
    })
  }
  provider.on('authorization.error', refused)
  provider.on('pushed_authorization_request.error', refused)
  provider.on('grant.error', refused)
  provider.on('introspection.error', refused)
  provider.on('revocation.error', refused)
  provider.on('userinfo.error', refused)
  provider.on('end_session.error', refused)
  provider.on('server_error', (ctx, error) => {
    deps.log.error({ txn: ctx.get(txnHeader), err: error }, 'the provider failed')
  })
  provider.on('grant.success', (ctx) => deps.countToken(String(ctx.oidc.params?.['grant_type'])))
  provider.on('backchannel.success', (ctx, client, _accountId, sid) => {
    tellOfOthers(deps, ctx, client, sid)
  })
  provider.on('backchannel.error', (ctx, error, client, _accountId, sid) => {
    untold(deps, ctx, client, error)
    tellOfOthers(deps, ctx, client, sid)
  })
  provider.on('end_session.success', (ctx) => {
    const { session } = ctx.oidc
    // Who leaves one application may stay signed in.
    if (session?.accountId === undefined || ctx.oidc.params?.['logout'] === undefined) return
    deps.audit.later({
      action: 'session.ended',
      actor: session.accountId,
      subject: session.accountId,
      txn: ctx.get(txnHeader),
    })
  })
}

/** The library tells a client of one login in the session that ends; several tabs may have brought more. */
function tellOfOthers(deps: EventDeps, ctx: KoaContextWithOIDC, client: Client, told: string): void {
  const { session, provider } = ctx.oidc
  const sub = session?.accountId
  if (session === undefined || sub === undefined) return
  const { clientId } = client
  const others = partsOf(session).filter((part) => part.clientId === clientId && part.sid !== told)
  for (const { sid } of others)
    tellOfLogout(provider, { clientId, sub, sid }).catch((err: unknown) => untold(deps, ctx, client, err))
}

function untold({ log }: EventDeps, ctx: KoaContextWithOIDC, { clientId }: Client, err: unknown): void {
  log.warn({ txn: ctx.get(txnHeader), client_id: clientId, err }, 'a client was not told that a login ended')
}

/**
 * A grant was ended while a request was served: at the token endpoint because something was used twice, at the
 * revocation endpoint because its client asked, by signing out because the person did.
 */
export function grantEnded(owner: ArtifactOwner): AuditEvent {
  const ctx = Provider.ctx
  return {
    action: 'grant.revoked',
    actor: ctx?.oidc.session?.accountId ?? ctx?.oidc.client?.clientId ?? 'idp',
    subject: owner.accountId,
    txn: ctx?.get(txnHeader),
    details: { client_id: owner.clientId, endpoint: ctx?.oidc.route, ...reuse(ctx?.oidc.route) },
  }
}

/** The token endpoint ends a grant for one reason: something that counts once was used again (RFC 9700 section 4.14.2). */
function reuse(endpoint: string | undefined) {
  return endpoint === 'token' ? { reason: 'reuse' } : {}
}
