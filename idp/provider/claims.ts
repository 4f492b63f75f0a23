import type {
  AccessToken,
  ClientCredentials,
  Configuration,
  KoaContextWithOIDC,
  UnknownObject,
} from 'oidc-provider'
import { errors } from 'oidc-provider'
import type { Accounts, AccountRecord } from '../accounts/accounts.ts'
import type { Clients } from '../clients/clients.ts'
import { grantName } from '../events/endings.ts'
import { idHash } from '../storage/hash.ts'
import { orUnavailable } from '../storage/unavailable.ts'
import type { IdpStore } from '../storage/tables.ts'
import { accountMeant } from './pairwise.ts'
import type { TokenExchange } from './token-exchange.ts'

/** How people are authenticated today: by password only (RFC 8176 names, NIST SP 800-63B level). */
export const passwordSignIn = { acr: 'aal1', amr: ['pwd'] }

/** Which scope carries which claims (OpenID Connect Core section 5.4). */
export const claims = {
  iss: null,
  sid: null,
  // How and when somebody signed in goes into every ID token, asked for or not.
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
} satisfies Configuration['claims']

/** Finds who a session, code or refresh token speaks for. A disabled account is no account. */
export function findAccount({
  accounts,
  store,
}: {
  readonly accounts: Accounts
  readonly store: IdpStore
}): NonNullable<Configuration['findAccount']> {
  return async (ctx, sub) => {
    const account = await orUnavailable(async () => accounts.find(await accountMeant(store, ctx, sub)))
    if (account === undefined || account.disabled) return undefined
    return { accountId: account.id, roles: account.roles, claims: () => personalClaims(account) }
  }
}

function personalClaims(account: AccountRecord) {
  return {
    ...account.claims(),
    sub: account.id,
    name: account.name,
    preferred_username: account.username,
    email: account.email,
    updated_at: Math.floor(account.updatedAt / 1000),
  }
}

/** What our access tokens carry beyond RFC 9068: the session, how and when it began (section 2.2.1), and roles. */
export function extraTokenClaims(exchange: TokenExchange, clients: Clients) {
  return async (
    ctx: KoaContextWithOIDC,
    token: AccessToken | ClientCredentials,
  ): Promise<UnknownObject | undefined> => {
    await requireStillThere(ctx, clients)
    return exchange.claimsOf(ctx) ?? ownClaims(ctx, token)
  }
}

/**
 * A client whose keys are fetched says itself how long it takes to prove who it is. If it was removed meanwhile, everybody
 * has been told of that before: nobody would refuse a token from afterwards.
 */
async function requireStillThere({ oidc: { client } }: KoaContextWithOIDC, clients: Clients): Promise<void> {
  if (client?.jwksUri === undefined) return
  const known = await orUnavailable(() => clients.find(client.clientId))
  if (known === undefined) throw new errors.InvalidClientAuth('client is gone')
}

function ownClaims(
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
): UnknownObject | undefined {
  if (token.kind !== 'AccessToken' || !('accountId' in token)) return undefined
  const { RefreshToken, AuthorizationCode, DeviceCode, BackchannelAuthenticationRequest } = ctx.oidc.entities
  const source = RefreshToken ?? AuthorizationCode ?? DeviceCode ?? BackchannelAuthenticationRequest
  if (source === undefined) return implicitClaims(ctx, token)
  return {
    sid: token.expiresWithSession === true ? token.sid : undefined,
    grant_id: token.grantId === undefined ? undefined : grantName(idHash(token.grantId)),
    auth_time: source.authTime,
    acr: source.acr,
    amr: source.amr,
    roles: ctx.oidc.account?.['roles'],
  }
}

/** A token of the authorization endpoint itself, which the certification profile has (Core section 3.2). */
function implicitClaims(ctx: KoaContextWithOIDC, token: AccessToken): UnknownObject {
  const { session } = ctx.oidc
  if (session === undefined) throw new errors.InvalidGrant('an access token without a grant behind it')
  return {
    sid: token.sid,
    grant_id: token.grantId === undefined ? undefined : grantName(idHash(token.grantId)),
    auth_time: session.authTime(),
    acr: session.acr,
    amr: session.amr,
    roles: ctx.oidc.account?.['roles'],
  }
}
