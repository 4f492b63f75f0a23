import type { IdpConfig } from '@gatehouse/kit/config/types'
import type { ProtocolConfig } from '@gatehouse/kit/config/types-protocol'
import { Problem } from '@gatehouse/kit/errors'
import { createHttpServer } from '@gatehouse/kit/http/server'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { accountRoutes } from './account/routes.ts'
import { addressKey } from './accounts/address.ts'
import { MemoryLimiter } from './accounts/throttle.ts'
import { clientSecretMac } from './clients/secrets.ts'
import type { IdpDeps } from './deps.ts'
import { pollRoute, type PollDeps } from './events/poll.ts'
import { assetRoutes } from './http/assets.ts'
import { takeCertificate } from './http/client-certificate.ts'
import { onlyHost } from './http/host.ts'
import { deviceRoutes, oauthRoutes, type OauthDeps } from './http/oauth.ts'
import { pageScope, showErrors } from './http/pages.ts'
import { maxTargetBytes, postToGet } from './http/post-to-get.ts'
import { logRequests } from './http/request-log.ts'
import { sameOriginOnly } from './http/same-origin.ts'
import { mayRegister } from './registration/feature.ts'
import { registrationRoutes, type RegistrationDeps } from './registration/routes.ts'
import { sessionRoutes } from './sessions/routes.ts'
import { interactionRoutes } from './interaction/routes.ts'

/** The IdP's one public server: the provider's endpoints, and the pages that people see. */
export async function buildApp(
  deps: IdpDeps,
  { trustedProxies, protocol }: IdpConfig,
): Promise<FastifyInstance> {
  const app = createHttpServer({
    log: deps.log,
    schemas: false,
    limits: { urlBytes: maxTargetBytes },
    fastify: trustedProxies.length > 0 ? { trustProxy: [...trustedProxies] } : {},
  })
  app.server.on('connection', () => deps.newcomers.arrived())
  app.addHook('onRequest', onlyHost(deps.issuer))
  app.addHook('onResponse', logRequests(deps.log, deps.notes))
  assetRoutes(app, deps.pages)
  const { issuer, host, prefilled, isCibaOn } = deps
  const oauth = {
    issuer,
    host,
    prefilled,
    isCibaOn,
    takeCertificate: takeCertificate({ header: protocol.mtls.header, trustedProxies }),
    countCodeAttempt: (request: FastifyRequest) => countCodeAttempt(deps, request),
  }
  await app.register(async (scope) => oauthRoutes(scope, oauth))
  await app.register(async (scope) => postToGet(scope))
  if (protocol.registration.who !== 'nobody')
    await app.register(async (scope) => registrationRoutes(scope, registrationDeps(deps, oauth, protocol)))
  await app.register(async (scope) => pollRoute(scope, pollDeps(deps)))
  await app.register(async (scope) => sessionRoutes(scope, deps))
  await app.register(async (scope) => {
    showErrors(scope, deps)
    deviceRoutes(scope, oauth)
  })
  await app.register(async (scope) => {
    await pageScope(scope, deps)
    scope.addHook('preValidation', sameOriginOnly(issuer))
    interactionRoutes(scope, deps)
    accountRoutes(scope, deps)
    scope.get('/', (_request, reply) => reply.redirect('/account', 302))
  })
  return app
}

function pollDeps({ ring, clock, log, issuer, receivers, ownTokens, events }: IdpDeps): PollDeps {
  return { ring, clock, log, issuer, receivers, ownTokens, ...events }
}

function registrationDeps(
  { artifacts, clock, knownNames, masterKey }: IdpDeps,
  oauth: OauthDeps,
  { registration, profile }: ProtocolConfig,
): RegistrationDeps {
  const { scopes, expiryMs, quota } = registration
  const limiter = new MemoryLimiter({ limit: quota, clock })
  return {
    oauth,
    policy: () => ({
      scopes,
      expiresAt: clock.now() + expiryMs,
      certification: profile === 'certification',
    }),
    nameFault: (name) => knownNames.faultOf(name),
    managedBy: async (token) => (await artifacts.find('RegistrationAccessToken', token))?.clientId,
    secretMac: (clientId, secret) => clientSecretMac(masterKey, clientId, secret),
    mayRegister: (token) => mayRegister(registration, token),
    countWrite: (request) => refuseTooMany(limiter.take(addressKey(request.ip))),
  }
}

/** User codes are short: who tries many is stopped (RFC 8628 section 5.1). */
function countCodeAttempt(deps: IdpDeps, request: FastifyRequest): void {
  refuseTooMany(deps.userCodeAttempts.take(addressKey(request.ip)))
}

function refuseTooMany(waitMs: number): void {
  if (waitMs === 0) return
  throw new Problem('rate_limited', { headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } })
}
