import { Problem } from '@gatehouse/kit/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { handOver, type OauthDeps } from '../http/oauth.ts'
import { routes } from '../provider/routes.ts'
import { underPolicy, type RegistrationPolicy } from './policy.ts'

const maxBodyBytes = 32 * 1024

export interface RegistrationDeps {
  readonly oauth: OauthDeps
  policy(): RegistrationPolicy
  /** Why a client may not be called so; undefined when it may. */
  nameFault(name: string): Promise<string | undefined>
  /** What stands in the place of a client's secret here. */
  secretMac(clientId: string, secret: string): string
  /** Counts a registration. @throws Problem when there were too many */
  countRegistration(request: FastifyRequest): void
}

/** POST /oauth/register, and GET, PUT and DELETE of what was registered. The policy comes before the library. */
export function registrationRoutes(scope: FastifyInstance, deps: RegistrationDeps): void {
  const take = async (request: FastifyRequest, reply: FastifyReply) => {
    const refusal = await applyPolicy(deps, request)
    if (refusal === undefined) return handOver(deps.oauth, request, reply)
    return reply.code(400).header('cache-control', 'no-store').send({
      error: 'invalid_client_metadata',
      error_description: refusal,
    })
  }
  const url = `${routes.registration}/:clientId`
  scope.post(routes.registration, { bodyLimit: maxBodyBytes }, (request, reply) => {
    deps.countRegistration(request)
    return take(request, reply)
  })
  scope.put(url, { bodyLimit: maxBodyBytes }, take)
  scope.route({
    url,
    method: ['GET', 'DELETE'],
    handler: (request, reply) => handOver(deps.oauth, request, reply),
  })
}

/** Leaves what may be registered where the library looks for a body. @returns why not */
async function applyPolicy(deps: RegistrationDeps, request: FastifyRequest): Promise<string | undefined> {
  const { body } = request
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Problem('invalid_request')
  const metadata: Readonly<Record<string, unknown>> = { ...body }
  const result = underPolicy(metadata, deps.policy())
  if (typeof result === 'string') return result
  const fault = await deps.nameFault(result.client_name)
  if (fault !== undefined) return fault
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
