import type { Configuration, Grant, KoaContextWithOIDC } from 'oidc-provider'
import { errors, interactionPolicy } from 'oidc-provider'
import { accountClientId } from '../account/client.ts'
import { allowAsBefore, type GrantDeps } from '../consents/on-record.ts'
import { orUnavailable } from '../storage/unavailable.ts'
import { passwordSignIn } from './claims.ts'
import { text } from './show.ts'

const { base, Check } = interactionPolicy

/** What `prompt` may ask for: of the library's policy, and nothing (OpenID Connect Core section 3.1.2.1). */
export const promptValues = ['none', 'login', 'consent'] as const

/** When people are asked something. Sign in and consent as the library has them, and two cases that it lacks. */
export function interactions(): NonNullable<Configuration['interactions']> {
  const policy = base()
  const checks = policy.get('login')?.checks
  checks?.add(attainable, 0)
  checks?.add(stillThere, 0)
  checks?.add(
    new Check('no_account', 'the account of this session is gone or disabled', 'login_required', (ctx) => {
      const { session, account } = ctx.oidc
      return session?.accountId !== undefined && account === undefined
    }),
  )
  return { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` }
}

/**
 * A client that insists on an authentication context (OpenID Connect Core section 5.5.1.1) which nobody can reach here
 * hears so at once. The library would ask for the password again and again.
 */
const attainable = new Check('unattainable_acr', 'the acr cannot be reached here', (ctx) => {
  const acr: unknown = ctx.oidc.claims.id_token?.acr
  const { essential, value, values }: { essential?: unknown; value?: unknown; values?: unknown } = {
    ...Object(acr),
  }
  const wanted: readonly unknown[] = Array.isArray(values) ? values : [value]
  if (essential !== true || (value === undefined && values === undefined)) return Check.NO_NEED_TO_PROMPT
  if (wanted.includes(passwordSignIn.acr)) return Check.NO_NEED_TO_PROMPT
  throw new errors.UnmetAuthenticationRequirements('requested acr could not be obtained')
})

/**
 * The library looks at the redirect URI when a request comes. An hour later the person may be back from signing in, and what an
 * operator has taken away meanwhile, because somebody else has come to own it, gets no code.
 */
const stillThere = new Check('redirect_gone', 'the redirect URI is not registered any more', (ctx) => {
  const { client, params } = ctx.oidc
  const uri = text(params?.['redirect_uri'])
  if (client === undefined || uri === undefined || client.redirectUriAllowed(uri))
    return Check.NO_NEED_TO_PROMPT
  throw new errors.InvalidRedirectUri()
})

/**
 * Finds the grant under which a request runs: the one that was just given, the session's, or a new one made from what
 * the person allowed this client before. What such a grant does not cover, the consent prompt asks for.
 */
export function loadExistingGrant(deps: GrantDeps): NonNullable<Configuration['loadExistingGrant']> {
  return async (ctx) => {
    const { client, account, session, result } = ctx.oidc
    if (client === undefined || account === undefined) return undefined
    const known = result?.consent?.grantId ?? session?.grantIdFor(client.clientId)
    const grant = known === undefined ? undefined : await ctx.oidc.provider.Grant.find(known)
    if (grant !== undefined) return grant
    if (client.clientId === accountClientId) return ownGrant(ctx, account.accountId)
    const owner = { accountId: account.accountId, clientId: client.clientId }
    const fresh = new ctx.oidc.provider.Grant(owner)
    return orUnavailable(() => allowAsBefore(deps, { ...owner, grant: fresh }))
  }
}

/** The account pages are the IdP itself: nobody is asked whether it may know who they are. */
async function ownGrant(ctx: KoaContextWithOIDC, accountId: string): Promise<Grant> {
  const grant = new ctx.oidc.provider.Grant({ accountId, clientId: accountClientId })
  grant.addOIDCScope('openid')
  await grant.save()
  return grant
}
