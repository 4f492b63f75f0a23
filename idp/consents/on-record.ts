import type { AuditEvent } from '@gatehouse/kit/audit'
import type { Transaction } from 'kysely'
import { errors, type Grant } from 'oidc-provider'
import { accountClientId } from '../account/client.ts'
import type { IdpAudit } from '../audit.ts'
import { saveIn } from '../provider/internals.ts'
import type { Clients } from '../clients/clients.ts'
import type { Artifacts } from '../storage/artifacts.ts'
import { lockAccount } from '../storage/lock-account.ts'
import type { IdpStore, IdpTables } from '../storage/tables.ts'
import type { Consent, Consents } from './consents.ts'

export interface GrantDeps {
  readonly store: IdpStore
  readonly consents: Consents
  readonly artifacts: Artifacts
}

export interface OnRecordDeps extends GrantDeps {
  readonly clients: Clients
  readonly audit: IdpAudit
}

interface Allowed {
  readonly accountId: string
  readonly clientId: string
  readonly grant: Grant
}

/**
 * A person allows a client what is in a grant, on top of all that it was allowed before: the grant is kept together with what
 * is remembered of it and its entry in the audit log, or not at all, and counts from then on.
 * @param beside is done or not done together with it
 * @returns the id of the grant
 * @throws SessionNotFound when the grant was there before, and what it is of was taken back meanwhile, or when client or
 *   account are gone: another client of that name would have it unasked
 */
export function allowOnRecord(
  { store, clients, consents, artifacts, audit }: OnRecordDeps,
  { accountId, clientId, grant }: Allowed,
  entry: Omit<AuditEvent, 'actor' | 'subject'>,
  beside?: (trx: Transaction<IdpTables>, grantId: string) => Promise<void>,
): Promise<string> {
  return store.db.transaction().execute(async (trx) => {
    const isClient = clientId === accountClientId || (await clients.hold(clientId, trx)) !== undefined
    if (!isClient || !(await lockAccount(trx, store, accountId)))
      throw new errors.SessionNotFound('removed meanwhile')
    const known = await consents.hold(accountId, clientId, trx)
    const wasKept = grant.exp !== undefined
    if (wasKept && !(await artifacts.isThere('Grant', grant.jti, trx)))
      throw new errors.SessionNotFound('taken back meanwhile')
    if (known !== undefined) addTo(grant, known)
    const consent = { clientId, openIdScope: grant.getOIDCScope(), resourceScopes: { ...grant.resources } }
    await consents.remember(accountId, consent, trx)
    const id = await saveIn(trx, artifacts, grant)
    await beside?.(trx, id)
    await audit.appendIn(trx, { ...entry, actor: accountId, subject: accountId })
    return id
  })
}

/** Keeps a grant of what a person allowed a client before. @returns undefined when that is nothing, or nothing any more */
export function allowAsBefore(
  { store, consents, artifacts }: GrantDeps,
  { accountId, clientId, grant }: Allowed,
): Promise<Grant | undefined> {
  return store.db.transaction().execute(async (trx) => {
    const known = await consents.hold(accountId, clientId, trx)
    if (known === undefined) return undefined
    addTo(grant, known)
    await saveIn(trx, artifacts, grant)
    return grant
  })
}

function addTo(grant: Grant, { openIdScope, resourceScopes }: Consent): void {
  if (openIdScope !== '') grant.addOIDCScope(openIdScope)
  for (const [resource, scope] of Object.entries(resourceScopes)) grant.addResourceScope(resource, scope)
}
