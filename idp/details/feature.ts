import type { DetailTypeConfig } from '@gatehouse/kit/config/types-protocol'
import type { Client, KoaContextWithOIDC, RichAuthorizationRequestsActiveConfiguration } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { detailFault } from './fault.ts'
import { askedDetails, detailTypes, narrowedDetails, stillAllowed } from './granted.ts'

const maxDetails = 10

/**
 * Rich authorization requests (RFC 9396): types are declared in the configuration, each client names the ones that it may
 * ask for. Details belong to one authorization, not to the consent: each request asks the person anew.
 */
export function richAuthorizationRequests(types: Readonly<Record<string, DetailTypeConfig>>) {
  return {
    enabled: Object.keys(types).length > 0,
    types: Object.fromEntries(
      Object.entries(types).map(([name, type]) => [
        name,
        {
          validate: (ctx: KoaContextWithOIDC, detail: object, client: Client) =>
            requireValid(ctx, name, type, { ...detail }, client),
        },
      ]),
    ),
    authorizationDetailsForGrantSource: (ctx) => askedDetails(ctx.oidc.params?.['authorization_details']),
    authorizationDetailsForAccessToken(ctx, token, source, grantType) {
      // A token without an audience is for the userinfo endpoint, which knows no details.
      if (token.resourceServer === undefined) return undefined
      const asked = askedDetails(ctx.oidc.params?.['authorization_details'])
      if (grantType === 'client_credentials') return asked
      return narrowedDetails(stillAllowed(source?.rar, ctx.oidc.client), asked)
    },
    authorizationDetailsForIntrospection: (_ctx, token) => token.rar,
  } satisfies RichAuthorizationRequestsActiveConfiguration & { authorizationDetailsForIntrospection: unknown }
}

/** @throws InvalidAuthorizationDetails */
function requireValid(
  ctx: KoaContextWithOIDC,
  name: string,
  type: DetailTypeConfig,
  detail: Readonly<Record<string, unknown>>,
  client: Client,
): void {
  if (!detailTypes(client).includes(name))
    throw new errors.InvalidAuthorizationDetails('this type is not for this client')
  const all = askedDetails(ctx.oidc.params?.['authorization_details'])
  if (all !== undefined && all.length > maxDetails)
    throw new errors.InvalidAuthorizationDetails(`more than ${maxDetails} details`)
  const fault = detailFault(type, detail)
  if (fault !== undefined) throw new errors.InvalidAuthorizationDetails(fault)
}
