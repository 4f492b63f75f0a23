import type { FastifyReply, FastifyRequest } from 'fastify'
import { problemFrom } from '@gatehouse/kit/http/problem-from'
import { maxTokenBytes } from '@gatehouse/kit/tokens/strict-jws'
import { exchange, type ExchangeDeps, type Exchanged, type ExchangeRefusal } from './exchange.ts'
import { parseScopeList } from './narrow.ts'
import type { PeerOf } from './peer.ts'

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange'
const jwtType = 'urn:ietf:params:oauth:token-type:jwt'

/** Error codes of RFC 6749 section 5.2 and RFC 8693 section 2.2.2. */
type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'

export interface TokenEndpointDeps extends ExchangeDeps {
  readonly peerOf: PeerOf
}

/**
 * Token exchange (RFC 8693) for workloads that connect to each other directly: the new token is for the audience, and
 * for the workload that asks to present.
 */
export function tokenEndpoint(
  deps: TokenEndpointDeps,
): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
    const peer = deps.peerOf(request.raw)
    if (peer === undefined) return refuse(reply, 'invalid_client')
    const asked = readForm(request.body)
    if (typeof asked === 'string') return refuse(reply, asked)
    const { token, service, scopes } = asked
    const result = exchange(deps, { peer, token, service, asked: scopes, presenter: peer.spiffeId })
    if (result.kind === 'refused') return refuse(reply, errorOf(result))
    // Whoever asks by name gets all of it or nothing (RFC 8693 section 2.2.2).
    if (result.refusedScopes.length > 0) return refuse(reply, 'invalid_scope')
    return reply.send(tokenResponse(result))
  }
}

/** What is wrong before the form can be read: a body of another type, or too large a one. */
export function tokenEndpointFailure(
  error: unknown,
  _request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (problemFrom(error).status >= 500) throw error
  return refuse(reply, 'invalid_request')
}

interface ExchangeForm {
  readonly token: string
  readonly service: string
  readonly scopes: readonly string[] | undefined
}

function readForm(body: unknown): ExchangeForm | OAuthError {
  if (typeof body !== 'object' || body === null) return 'invalid_request'
  const form = new Map<string, unknown>(Object.entries(body))
  if (form.get('grant_type') !== grantType) {
    return typeof form.get('grant_type') === 'string' ? 'unsupported_grant_type' : 'invalid_request'
  }
  const token = form.get('subject_token')
  const service = form.get('audience')
  if (form.get('subject_token_type') !== jwtType || form.has('actor_token')) return 'invalid_request'
  if (typeof token !== 'string' || token.length > maxTokenBytes) return 'invalid_request'
  if (typeof service !== 'string') return service === undefined ? 'invalid_request' : 'invalid_target'
  const scope = form.get('scope')
  if (scope === undefined) return { token, service, scopes: undefined }
  const scopes = typeof scope === 'string' ? parseScopeList(scope) : undefined
  return scopes === undefined ? 'invalid_scope' : { token, service, scopes }
}

function errorOf(refusal: ExchangeRefusal): OAuthError {
  switch (refusal.why) {
    case 'unknown_edge':
      return 'invalid_target'
    case 'bad_token':
    case 'too_deep':
      return 'invalid_grant'
    case 'no_scope':
      return 'invalid_scope'
  }
}

function refuse(reply: FastifyReply, error: OAuthError): FastifyReply {
  return reply.code(error === 'invalid_client' ? 401 : 400).send({ error })
}

function tokenResponse({ token, claims }: Exchanged) {
  return {
    access_token: token,
    issued_token_type: jwtType,
    token_type: 'Bearer',
    expires_in: claims.exp - claims.iat,
    scope: claims.scope,
  }
}
