import type { Grant } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { allowOnRecord } from '../consents/on-record.ts'
import type { IdpDeps } from '../deps.ts'
import { askedDetails } from '../details/granted.ts'
import { passwordSignIn } from '../provider/claims.ts'
import { isOpenIdScope, splitScope } from '../provider/scopes.ts'
import type { PendingRequest } from './requests.ts'

/** The person allows it: the client gets tokens with its next poll, for no session of this browser. */
export async function approve(
  deps: IdpDeps,
  request: PendingRequest,
  person: { readonly accountId: string; readonly authTime: number | undefined; readonly txn: string },
): Promise<void> {
  const { accountId, authTime, txn } = person
  const grant = grantFor(deps, request, accountId)
  const details = askedDetails(request.authorizationDetails)
  const { clientId, scope, authorizationDetails: authorization_details } = request
  const grantId = await allowOnRecord(
    deps,
    { accountId, clientId, grant },
    { action: 'ciba.approved', txn, details: { client_id: clientId, scope, authorization_details } },
  )
  await answer(deps, request, grantId, {
    ...passwordSignIn,
    ...(authTime === undefined ? {} : { authTime }),
    expiresWithSession: false,
    ...(details === undefined ? {} : { rar: details }),
  })
}

/** The person does not allow it, or did not ask for it: the client learns `access_denied`. */
export async function refuse(
  deps: IdpDeps,
  request: PendingRequest,
  person: { readonly accountId: string; readonly txn: string },
): Promise<void> {
  await deps.audit.append({
    action: 'ciba.refused',
    actor: person.accountId,
    subject: person.accountId,
    txn: person.txn,
    details: { client_id: request.clientId },
  })
  await answer(deps, request, new errors.AccessDenied('the end-user did not allow it'), {})
}

type Result = Parameters<IdpDeps['host']['provider']['backchannelResult']>

/** A ping that does not arrive is no fault of the person's: the client may poll all the same (CIBA section 10.2). */
async function answer(
  deps: IdpDeps,
  { authReqId, clientId }: PendingRequest,
  result: Result[1],
  options: NonNullable<Result[2]>,
): Promise<void> {
  const { provider } = deps.host
  const found = await provider.BackchannelAuthenticationRequest.find(authReqId)
  if (found === undefined) throw new errors.SessionNotFound('the request is over')
  try {
    await provider.backchannelResult(found, result, options)
  } catch (error) {
    const kept = await provider.BackchannelAuthenticationRequest.find(authReqId)
    // It goes with its client, its account and its grant.
    if (kept === undefined) throw new errors.SessionNotFound('the request is over')
    if (kept.grantId === undefined && kept.error === undefined) throw error
    deps.log.warn({ err: error, client_id: clientId }, 'a client could not be pinged')
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
