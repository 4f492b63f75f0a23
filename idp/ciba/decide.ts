import type { Transaction } from 'kysely'
import { errors, type BackchannelAuthenticationRequest, type Grant } from 'oidc-provider'
import { allowOnRecord } from '../consents/on-record.ts'
import type { IdpDeps } from '../deps.ts'
import { askedDetails } from '../details/granted.ts'
import { passwordSignIn } from '../provider/claims.ts'
import { saveIn, tellOfAnswer } from '../provider/internals.ts'
import { isOpenIdScope, splitScope } from '../provider/scopes.ts'
import type { IdpTables } from '../storage/tables.ts'
import type { PendingRequest } from './requests.ts'

interface Answering {
  readonly accountId: string
  readonly txn: string
}

/** The person allows it: the client gets tokens with its next poll, for no session of this browser. */
export async function approve(
  deps: IdpDeps,
  request: PendingRequest,
  person: Answering & { readonly authTime: number | undefined },
): Promise<void> {
  const { accountId, authTime, txn } = person
  const grant = grantFor(deps, request, accountId)
  const details = askedDetails(request.authorizationDetails)
  const { clientId, scope, authorizationDetails: authorization_details } = request
  const asked = await find(deps, request)
  await allowOnRecord(
    deps,
    { accountId, clientId, grant },
    { action: 'ciba.approved', txn, details: { client_id: clientId, scope, authorization_details } },
    async (trx, grantId) => {
      await claim(deps, request, accountId, trx)
      Object.assign(asked, { ...passwordSignIn, grantId, authTime, rar: details, expiresWithSession: false })
      await saveIn(trx, deps.artifacts, asked)
    },
  )
  await ping(deps, asked)
}

/** The person does not allow it, or did not ask for it: the client learns `access_denied`. */
export async function refuse(
  deps: IdpDeps,
  request: PendingRequest,
  { accountId, txn }: Answering,
): Promise<void> {
  const asked = await find(deps, request)
  await deps.store.db.transaction().execute(async (trx) => {
    await claim(deps, request, accountId, trx)
    Object.assign(asked, { error: 'access_denied', errorDescription: 'the end-user did not allow it' })
    await saveIn(trx, deps.artifacts, asked)
    await deps.audit.appendIn(trx, {
      action: 'ciba.refused',
      actor: accountId,
      subject: accountId,
      txn,
      details: { client_id: request.clientId },
    })
  })
  await ping(deps, asked)
}

/** It goes with its client, its account and its grant. */
async function find(
  { host }: IdpDeps,
  { authReqId }: PendingRequest,
): Promise<BackchannelAuthenticationRequest> {
  const found = await host.provider.BackchannelAuthenticationRequest.find(authReqId)
  return found ?? isOver()
}

/** Of several answers the first one counts. The library's `backchannelResult` looks at none before. */
async function claim(
  { cibaRequests }: IdpDeps,
  request: PendingRequest,
  accountId: string,
  trx: Transaction<IdpTables>,
): Promise<void> {
  if (!(await cibaRequests.hold(request, accountId, trx))) isOver()
}

function isOver(): never {
  throw new errors.SessionNotFound('the request is over')
}

/** One that does not arrive is no fault of the person's: the client may poll all the same (CIBA section 10.2). */
async function ping({ host, log }: IdpDeps, asked: BackchannelAuthenticationRequest): Promise<void> {
  try {
    await tellOfAnswer(host.provider, asked)
  } catch (err) {
    log.warn({ err, client_id: asked.clientId }, 'a client could not be pinged')
  }
}

/** What this request adds; what was allowed before stays allowed. */
function grantFor(deps: IdpDeps, request: PendingRequest, accountId: string): Grant {
  const grant = new deps.host.provider.Grant({ accountId, clientId: request.clientId })
  const asked = splitScope(request.scope)
  const openId = asked.filter(isOpenIdScope)
  if (openId.length > 0) grant.addOIDCScope(openId.join(' '))
  const others = asked.filter((scope) => !isOpenIdScope(scope)).join(' ')
  if (others !== '') for (const resource of request.resources) grant.addResourceScope(resource, others)
  return grant
}
