import type { Logger } from '@gatehouse/kit/log'
import type { KoaContextWithOIDC, Provider, errors } from 'oidc-provider'
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
  provider.on('grant.revoked', (ctx) => {
    deps.audit.later({
      action: 'grant.revoked',
      actor: ctx.oidc.session?.accountId ?? ctx.oidc.client?.clientId ?? 'idp',
      subject: ctx.oidc.entities.Account?.accountId ?? ctx.oidc.session?.accountId,
      txn: ctx.get(txnHeader),
      details: { endpoint: ctx.oidc.route, client_id: ctx.oidc.client?.clientId },
    })
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
