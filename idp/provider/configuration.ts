import type { Config } from '@gatehouse/kit/config/types'
import type { Clock } from '@gatehouse/kit/clock'
import type { AdapterFactory, Configuration, JWKS } from 'oidc-provider'
import { accountClient } from '../account/client.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { resourceScopeProperty } from '../clients/clients.ts'
import type { Consents } from '../consents/consents.ts'
import type { Pages } from '../pages/pages.ts'
import { algorithms } from './algorithms.ts'
import { assertClientAssertion } from './assertions.ts'
import { claims, extraTokenClaims, findAccount, passwordSignIn } from './claims.ts'
import { cookies } from './cookies.ts'
import type { PrefilledCodes } from './device-flow.ts'
import { renderError } from './errors.ts'
import { features } from './features.ts'
import { interactions, loadExistingGrant } from './policy.ts'
import type { RefreshGrace } from './refresh-grace.ts'
import { refreshPolicy } from './refresh.ts'
import { routes } from './routes.ts'
import { apiScopes, openIdScopes } from './scopes.ts'
import { ttl } from './ttl.ts'

export interface ConfigurationOptions {
  readonly config: Config
  readonly clock: Clock
  readonly adapter: AdapterFactory
  readonly accounts: Accounts
  readonly consents: Consents
  readonly pages: Pages
  readonly prefilled: PrefilledCodes
  readonly grace: RefreshGrace
}

/** The provider as configured: one line per subject, each in a file of its own. */
export function configuration(options: ConfigurationOptions, jwks: JWKS): Configuration {
  const { config, clock, adapter, accounts, consents, pages, prefilled } = options
  const resource = {
    resource: config.resource,
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
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt', 'none'],
    // No browser application calls these endpoints: the gateway keeps tokens out of browsers.
    clientBasedCORS: () => false,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clients: [accountClient(config.issuer)],
    enabledJWA: algorithms,
    extraClientMetadata: { properties: [resourceScopeProperty] },
    extraTokenClaims,
    features: features({ ...resource, pages, prefilled }),
    findAccount: findAccount(accounts),
    interactions: interactions(),
    loadExistingGrant: loadExistingGrant(consents),
    pkce: { required: () => true },
    renderError: renderError(pages),
    responseTypes: ['code'],
    scopes: [...openIdScopes],
    subjectTypes: ['public'],
    ttl: ttl(config.idp.ttl),
  }
}
