import type { AuditEvent } from '@gatehouse/kit/audit'
import type { Grant } from 'oidc-provider'
import type { IdpAudit } from '../audit.ts'
import type { IdpStore } from '../storage/tables.ts'
import type { Consents } from './consents.ts'

export interface OnRecordDeps {
  readonly store: IdpStore
  readonly consents: Consents
  readonly audit: IdpAudit
}

/**
 * A person allows a client what is in a grant: it is remembered together with its entry in the audit log, or not at all, and
 * counts from then on.
 * @returns the id of the grant
 */
export async function allowOnRecord(
  { store, consents, audit }: OnRecordDeps,
  { accountId, clientId, grant }: { accountId: string; clientId: string; grant: Grant },
  entry: Omit<AuditEvent, 'actor' | 'subject'>,
): Promise<string> {
  const consent = { clientId, openIdScope: grant.getOIDCScope(), resourceScopes: { ...grant.resources } }
  await store.db.transaction().execute(async (trx) => {
    await consents.remember(accountId, consent, trx)
    await audit.appendIn(trx, { ...entry, actor: accountId, subject: accountId })
  })
  return grant.save()
}
