import formbody from '@fastify/formbody'
import { Problem } from '@gatehouse/kit/errors'
import { endLoginPath, sessionsResource, sessionsScope } from '@gatehouse/kit/logout/protocol'
import type { FastifyInstance } from 'fastify'
import { authenticateClient, type ClientTokenDeps } from '../http/client-token.ts'
import { field } from '../http/form.ts'
import { endLogin, type EndLoginDeps } from './end-login.ts'

const maxBodyBytes = 4 * 1024
const use = { resource: sessionsResource, scope: sessionsScope, realm: 'sessions' }

/**
 * POST /oauth/logout/session: a first-party client ends a login that it knows by `sid`, because the person at it said so.
 * A login that is over, or that was never this client's, is answered 204 as well: nothing is left to be done, and nothing
 * is told of other clients' logins.
 */
export async function sessionRoutes(
  scope: FastifyInstance,
  deps: EndLoginDeps & ClientTokenDeps,
): Promise<void> {
  await scope.register(formbody, { bodyLimit: maxBodyBytes })
  scope.post(endLoginPath, { bodyLimit: maxBodyBytes }, async (request, reply) => {
    const clientId = await authenticateClient(deps, request.headers.authorization, use)
    const [sub, sid] = [field(request.body, 'sub'), field(request.body, 'sid')]
    if (sub === '' || sid === '') throw new Problem('invalid_request', { detail: 'sub and sid are needed' })
    await endLogin(deps, { clientId, sub, sid }, request.id)
    return reply.code(204).header('cache-control', 'no-store').send()
  })
}
