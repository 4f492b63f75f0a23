import type { X509Certificate } from 'node:crypto'
import type { Config } from '@gatehouse/kit/config/types'
import type { Clock } from '@gatehouse/kit/clock'
import type { AdapterFactory, Configuration, JWKS } from 'oidc-provider'
import { accountClient } from '../account/client.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { CibaOptions } from '../ciba/feature.ts'
import { resourceScopeProperty, type Clients } from '../clients/clients.ts'
import type { GrantDeps } from '../consents/on-record.ts'
import type { GuardedFetch } from '../fetch/guarded-fetch.ts'
import type { Pages } from '../pages/pages.ts'
import { algorithms } from './algorithms.ts'
import { assertClientAssertion } from './assertions.ts'
import { claims, extraTokenClaims, findAccount, passwordSignIn } from './claims.ts'
import { clientAuthMethods } from './client-auth.ts'
import { checkRequestUris, requestUrisProperty } from '../certification/by-reference.ts'
import { isPkceRequired, responseTypes } from '../certification/flows.ts'
import { policyProperties } from './client-policy.ts'
import { cookies } from './cookies.ts'
import type { PrefilledCodes } from './device-flow.ts'
import { outgoing } from './outgoing.ts'
import { renderError } from './errors.ts'
import { features } from './features.ts'
import { datedByRequest } from './issued-at.ts'
import { interactions, loadExistingGrant } from './policy.ts'
import type { RefreshGrace } from './refresh-grace.ts'
import { pairwiseIdentifier } from './pairwise.ts'
import { refreshPolicy } from './refresh.ts'
import { resourceAliases } from './resources.ts'
import { routes } from './routes.ts'
import { apiScopes, openIdScopes } from './scopes.ts'
import type { TokenExchange } from './token-exchange.ts'
import { ttl } from './ttl.ts'

export interface ConfigurationOptions extends CibaOptions, GrantDeps {
  readonly config: Config
  readonly clock: Clock
  readonly adapter: AdapterFactory
  readonly accounts: Accounts
  readonly clients: Clients
  readonly pages: Pages
  readonly prefilled: PrefilledCodes
  readonly grace: RefreshGrace
  readonly exchange: TokenExchange
  readonly guarded: GuardedFetch
  /** 32 bytes, of which nonces for DPoP are made. */
  readonly nonceSecret: Buffer
  /** Who may have issued certificates of clients. */
  readonly certificateIssuers: readonly X509Certificate[]
}

/** The provider as configured: one line per subject, each in a file of its own. */
export function configuration(options: ConfigurationOptions, jwks: JWKS): Configuration {
  const { config, clock, adapter, pages } = options
  const { protocol } = config.idp
  const certification = protocol.profile === 'certification'
  const resource = {
    resource: config.resource,
    aliases: resourceAliases(config),
    scopes: apiScopes(config),
    receivers: new Set([config.gateway.clientId]),
  }
  return {
    adapter,
    jwks,
    routes,
    cookies,
    claims,
    ...refreshPolicy(options.grace),
    acrValues: [passwordSignIn.acr],
    allowOmittingSingleRegisteredRedirectUri: false,
    assertJwtClientAuthClaimsAndHeader: assertClientAssertion(clock),
    clientAuthMethods: clientAuthMethods({
      areSeen: protocol.mtls.header !== undefined,
      hasIssuers: options.certificateIssuers.length > 0,
    }),
    // No browser application calls these endpoints: the gateway keeps tokens out of browsers.
    clientBasedCORS: () => false,
    clientDefaults: {
      id_token_signed_response_alg: 'ES256',
      authorization_signed_response_alg: 'ES256',
      introspection_signed_response_alg: 'ES256',
    },
    clients: [accountClient(config.issuer)],
    enabledJWA: algorithms(certification),
    extraClientMetadata: clientMetadata(certification),
    extraTokenClaims: extraTokenClaims(options.exchange, options.clients),
    fetch: outgoing(new Set([`${config.gateway.origin}/auth/backchannel-logout`]), options.guarded),
    features: features({ ...options, ...resource, protocol }),
    findAccount: findAccount(options),
    formats: datedByRequest(options.grace),
    interactions: interactions(),
    loadExistingGrant: loadExistingGrant(options),
    pairwiseIdentifier: pairwiseIdentifier(options.store),
    pkce: { required: isPkceRequired(certification) },
    renderError: renderError(pages),
    responseTypes: responseTypes(certification),
    scopes: [...openIdScopes],
    subjectTypes: ['public', 'pairwise'],
    ttl: ttl(config.idp.ttl, protocol.ciba),
  }
}

/** What the library carries along of a client beside what it knows itself. */
function clientMetadata(certification: boolean): Configuration['extraClientMetadata'] {
  const properties = [resourceScopeProperty, ...policyProperties]
  if (!certification) return { properties }
  return {
    properties: [...properties, requestUrisProperty],
    validator: (_ctx, name, value) => {
      if (name === requestUrisProperty) checkRequestUris(value)
    },
  }
}
