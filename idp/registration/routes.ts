import { problemFrom } from '@gatehouse/kit/http/problem-from'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { handOver, type OauthDeps } from '../http/oauth.ts'
import { refuseOtherMethods } from '../http/other-methods.ts'
import { routes } from '../provider/routes.ts'
import { redirectFault, underPolicy, type RegistrationPolicy } from './policy.ts'

const maxBodyBytes = 32 * 1024

export interface RegistrationDeps {
  readonly oauth: OauthDeps
  policy(): RegistrationPolicy
  /** Why a client may not be called so; undefined when it may. */
  nameFault(name: string): Promise<string | undefined>
  /** Whether a token, if one is needed, is the one that lets clients register. */
  mayRegister(token: string | undefined): boolean
  /** What stands in the place of a client's secret here. */
  secretMac(clientId: string, secret: string): string
  /** Whose registration is managed by this token (RFC 7592 section 3). @throws StoreError */
  managedBy(token: string): Promise<string | undefined>
  /** Counts what an address wants to have kept, new or changed. @throws Problem when it was too much */
  countWrite(request: FastifyRequest): void
}

/** POST /oauth/register, and GET, PUT and DELETE of what was registered. The policy comes before the library. */
export function registrationRoutes(scope: FastifyInstance, deps: RegistrationDeps): void {
  const take = async (request: FastifyRequest, reply: FastifyReply) => {
    const refusal = await applyPolicy(deps, request)
    return refusal === undefined ? handOver(deps.oauth, request, reply) : refuse(reply, refusal)
  }
  scope.setErrorHandler((error, _request, reply) => {
    if (problemFrom(error).code !== 'malformed_json') throw error
    return refuse(reply, invalid(noObject))
  })
  const url = `${routes.registration}/:clientId`
  scope.post(routes.registration, { bodyLimit: maxBodyBytes }, (request, reply) => {
    deps.countWrite(request)
    return deps.mayRegister(bearerOf(request)) ? take(request, reply) : leaveRefusal(deps, request, reply)
  })
  scope.put<Managed>(url, { bodyLimit: maxBodyBytes }, async (request, reply) => {
    // Each is an entry of the audit log, which nothing is taken out of.
    deps.countWrite(request)
    const token = bearerOf(request)
    const managed = token === undefined ? undefined : await deps.managedBy(token)
    return managed === request.params.clientId ? take(request, reply) : leaveRefusal(deps, request, reply)
  })
  scope.route({
    url,
    method: ['GET', 'DELETE'],
    handler: (request, reply) => handOver(deps.oauth, request, reply),
  })
  refuseOtherMethods(scope, routes.registration, ['POST'])
  refuseOtherMethods(scope, url, ['GET', 'PUT', 'DELETE'])
}

function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}

/** Who may not make or change anything learns nothing of what could be; the library says so. */
function leaveRefusal(deps: RegistrationDeps, request: FastifyRequest, reply: FastifyReply): void {
  Object.assign(request.raw, { body: {} })
  handOver(deps.oauth, request, reply)
}

interface Managed {
  readonly Params: { readonly clientId: string }
}

const noObject = 'metadata come as a JSON object'

/** RFC 7591 section 3.2.2. */
interface Refusal {
  readonly error: 'invalid_client_metadata' | 'invalid_redirect_uri'
  readonly error_description: string
}

function invalid(error_description: string): Refusal {
  return { error: 'invalid_client_metadata', error_description }
}

function refuse(reply: FastifyReply, body: Refusal): FastifyReply {
  return reply.code(400).header('cache-control', 'no-store').send(body)
}

/** Leaves what may be registered where the library looks for a body. @returns why not */
async function applyPolicy(deps: RegistrationDeps, request: FastifyRequest): Promise<Refusal | undefined> {
  const { body } = request
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return invalid(noObject)
  const metadata: Readonly<Record<string, unknown>> = { ...body }
  const misled = redirectFault(metadata['redirect_uris'])
  if (misled !== undefined) return { error: 'invalid_redirect_uri', error_description: misled }
  const result = underPolicy(metadata, deps.policy())
  if (typeof result === 'string') return invalid(result)
  const fault = await deps.nameFault(result.client_name)
  if (fault !== undefined) return invalid(fault)
  Object.assign(request.raw, {
    body: request.method === 'PUT' ? { ...result, ...ownNames(deps, metadata) } : result,
  })
  return undefined
}

/** By what a client names itself in a change (RFC 7592 section 2.2). The library compares the secret with what it was given. */
function ownNames(deps: RegistrationDeps, { client_id, client_secret }: Readonly<Record<string, unknown>>) {
  if (typeof client_id !== 'string' || typeof client_secret !== 'string') return { client_id }
  return { client_id, client_secret: deps.secretMac(client_id, client_secret) }
}
