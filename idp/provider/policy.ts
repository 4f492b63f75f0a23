import type { Configuration, Grant, KoaContextWithOIDC } from 'oidc-provider'
import { interactionPolicy } from 'oidc-provider'
import { accountClientId } from '../account/client.ts'
import type { Consents } from '../consents/consents.ts'
import { orUnavailable } from '../storage/unavailable.ts'

const { base, Check } = interactionPolicy

/** When people are asked something. Sign in and consent as the library has them, and one case that it lacks. */
export function interactions(): NonNullable<Configuration['interactions']> {
  const policy = base()
  policy.get('login')?.checks.add(
    new Check('no_account', 'the account of this session is gone or disabled', 'login_required', (ctx) => {
      const { session, account } = ctx.oidc
      return session?.accountId !== undefined && account === undefined
    }),
  )
  return { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` }
}

/**
 * Finds the grant under which a request runs: the one that was just given, the session's, or a new one made from what
 * the person allowed this client before. What such a grant does not cover, the consent prompt asks for.
 */
export function loadExistingGrant(consents: Consents): NonNullable<Configuration['loadExistingGrant']> {
  return async (ctx) => {
    const { client, account, session, result } = ctx.oidc
    if (client === undefined || account === undefined) return undefined
    const known = result?.consent?.grantId ?? session?.grantIdFor(client.clientId)
    const grant = known === undefined ? undefined : await ctx.oidc.provider.Grant.find(known)
    if (grant !== undefined) return grant
    if (client.clientId === accountClientId) return ownGrant(ctx, account.accountId)
    return fromConsent(ctx, consents, account.accountId, client.clientId)
  }
}

async function fromConsent(
  ctx: KoaContextWithOIDC,
  consents: Consents,
  accountId: string,
  clientId: string,
): Promise<Grant | undefined> {
  const consent = await orUnavailable(() => consents.find(accountId, clientId))
  if (consent === undefined) return undefined
  const grant = new ctx.oidc.provider.Grant({ accountId, clientId })
  grant.addOIDCScope(consent.openIdScope)
  for (const [resource, scope] of Object.entries(consent.resourceScopes))
    grant.addResourceScope(resource, scope)
  await grant.save()
  return grant
}

/** The account pages are the IdP itself: nobody is asked whether it may know who they are. */
async function ownGrant(ctx: KoaContextWithOIDC, accountId: string): Promise<Grant> {
  const grant = new ctx.oidc.provider.Grant({ accountId, clientId: accountClientId })
  grant.addOIDCScope('openid')
  await grant.save()
  return grant
}
