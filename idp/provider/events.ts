import type { Logger } from '@gatehouse/kit/log'
import type { AuditEvent } from '@gatehouse/kit/audit'
import { Provider, type errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { ArtifactOwner } from '../storage/artifacts.ts'
import type { IdpAudit } from '../audit.ts'
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
  provider.on('backchannel.error', (ctx, error, client) => {
    const at = { txn: ctx.get(txnHeader), client_id: client.clientId }
    deps.log.warn({ ...at, err: error }, 'a client was not told that a login ended')
  })
  provider.on('end_session.success', (ctx) => {
    const { session } = ctx.oidc
    if (session?.accountId === undefined) return
    deps.audit.later({
      action: 'session.ended',
      actor: session.accountId,
      subject: session.accountId,
      txn: ctx.get(txnHeader),
    })
  })
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
