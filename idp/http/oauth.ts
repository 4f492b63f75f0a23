import type { IncomingMessage } from 'node:http'
import { Problem } from '@gatehouse/kit/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { PrefilledCodes } from '../provider/device-flow.ts'
import type { ProviderHost } from '../provider/host.ts'
import { routes } from '../provider/routes.ts'
import { txnHeader } from '../provider/show.ts'
import { refuseOtherMethods } from './other-methods.ts'
import { formPaths } from './post-to-get.ts'

/** The library stops reading a body at 56 KiB; more than this is not even begun. */
const maxBodyBytes = 64 * 1024

const get: readonly HTTPMethods[] = ['GET']
const post: readonly HTTPMethods[] = ['POST']
const both: readonly HTTPMethods[] = ['GET', 'POST']

type Table = readonly (readonly [path: string, methods: readonly HTTPMethods[]])[]

/** Every path that reaches the provider, but for the pages on which people enter a device's code. */
const endpoints: Table = [
  ['/.well-known/openid-configuration', get],
  ['/.well-known/oauth-authorization-server', get],
  [routes.authorization, get],
  [`${routes.authorization}/:uid`, get],
  [routes.pushed_authorization_request, post],
  [routes.token, post],
  [routes.jwks, get],
  [routes.userinfo, both],
  [routes.introspection, post],
  [routes.revocation, post],
  [routes.device_authorization, post],
  [routes.backchannel_authentication, post],
  [routes.end_session, get],
  [`${routes.end_session}/confirm`, post],
  [`${routes.end_session}/success`, get],
]

const devicePages: Table = [
  [routes.code_verification, both],
  [`${routes.code_verification}/:uid`, get],
]

export interface OauthDeps {
  readonly issuer: string
  readonly host: ProviderHost
  readonly prefilled: PrefilledCodes
  readonly isCibaOn: boolean
  /** Puts the client's certificate where the provider finds it. @throws Problem when it cannot be read */
  takeCertificate(request: IncomingMessage): void
  /** Counts a try at a user code. @throws Problem when there were too many */
  countCodeAttempt(request: FastifyRequest): void
}

/** Routes the provider's endpoints to it. Must be registered in a scope of its own: no body is read here. */
export function oauthRoutes(scope: FastifyInstance, deps: OauthDeps): void {
  const off: ReadonlySet<string> = new Set(deps.isCibaOn ? [] : [routes.backchannel_authentication])
  routeToProvider(
    scope,
    deps,
    endpoints.filter(([path]) => !off.has(path)),
  )
}

/** The same for the pages of the device flow, in a scope that shows errors as pages. */
export function deviceRoutes(scope: FastifyInstance, deps: OauthDeps): void {
  routeToProvider(scope, deps, devicePages)
}

function routeToProvider(scope: FastifyInstance, deps: OauthDeps, table: Table): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _body, done) => done(null))
  scope.addHook('onRequest', (request, _reply, done) => done(bodyFault(request)))
  for (const [url, methods] of table) {
    scope.route({ url, method: [...methods], handler: (request, reply) => handOver(deps, request, reply) })
    refuseOtherMethods(scope, url, isForm(url) ? both : methods)
  }
}

/** Also comes as a form, in another scope (post-to-get.ts). */
function isForm(url: string): boolean {
  return formPaths.some((path) => path === url)
}

function bodyFault(request: FastifyRequest): Problem | undefined {
  return Number(request.headers['content-length'] ?? 0) > maxBodyBytes
    ? new Problem('body_too_large')
    : undefined
}

/** Leaves a request to the provider. */
export function handOver(deps: OauthDeps, request: FastifyRequest, reply: FastifyReply): void {
  if (request.routeOptions.url === routes.code_verification) prepareCodeEntry(deps, request)
  deps.takeCertificate(request.raw)
  const issuer = new URL(deps.issuer)
  // The library builds its URLs and addresses from these.
  const { headers } = request.raw
  headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1)
  headers['x-forwarded-host'] = issuer.host
  headers['x-forwarded-for'] = request.ip
  headers[txnHeader] = request.id
  reply.hijack()
  void deps.host.handle(request.raw, reply.raw)
}

/** A code in a link only fills the field; see provider/device-flow.ts. */
function prepareCodeEntry(deps: OauthDeps, request: FastifyRequest): void {
  if (request.method === 'POST') return deps.countCodeAttempt(request)
  const query = new URL(request.url, deps.issuer).searchParams
  const code = query.get('user_code')
  if (code !== null) deps.prefilled.set(request.raw, code.slice(0, 16))
  request.raw.url = routes.code_verification
}
