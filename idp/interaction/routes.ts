import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { IdpDeps } from '../deps.ts'
import { showConsent, submitConsent } from './consent.ts'
import { currentInteraction, finish } from './current.ts'
import { sendLogo } from './logo.ts'
import { showLogin, submitLogin } from './login.ts'

/** The pages between the authorization request and its answer. */
export function interactionRoutes(scope: FastifyInstance, deps: IdpDeps): void {
  scope.get('/interaction/:uid', (request, reply) => showInteraction(deps, request, reply))
  scope.get('/interaction/:uid/logo', (request, reply) => sendLogo(deps, request, reply))
  scope.post('/interaction/:uid/login', (request, reply) => submitLogin(deps, request, reply))
  scope.post('/interaction/:uid/consent', (request, reply) => submitConsent(deps, request, reply))
  scope.post('/interaction/:uid/abort', (request, reply) => abort(deps, request, reply))
}

async function showInteraction(
  deps: IdpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const current = await currentInteraction(deps.host, request, reply)
  return current.interaction.prompt.name === 'login'
    ? showLogin(deps, current, reply)
    : showConsent(deps, current, reply)
}

/** The person does not want to: the client learns `access_denied` (RFC 6749 section 4.1.2.1). */
async function abort(deps: IdpDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  await currentInteraction(deps.host, request, reply)
  return finish(deps.host, request, reply, {
    error: 'access_denied',
    error_description: 'the end-user did not allow it',
  })
}
