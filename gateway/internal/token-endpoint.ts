import type { FastifyReply, FastifyRequest } from 'fastify'
import { problemFrom } from '@gatehouse/kit/http/problem-from'
import type { InternalClaims } from '@gatehouse/kit/tokens/internal'
import { maxTokenBytes } from '@gatehouse/kit/tokens/strict-jws'
import type { AccessEntry } from '../log/access-log.ts'
import { exchange, type ExchangeDeps, type Exchanged, type ExchangeRefusal } from './exchange.ts'
import { parseScopeList } from './narrow.ts'
import { ownToken } from './own-behalf.ts'
import type { PeerOf } from './peer.ts'

/** RFC 6749 section 4.4, with the certificate as client authentication (RFC 8705 section 2). */
const ownGrantType = 'client_credentials'
const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange'
const jwtType = 'urn:ietf:params:oauth:token-type:jwt'

/** What describes the tokens that are made here, and shown here: libraries name either (RFC 8693 section 3). */
const madeHere: ReadonlySet<unknown> = new Set([jwtType, 'urn:ietf:params:oauth:token-type:access_token'])

/** Error codes of RFC 6749 section 5.2 and RFC 8693 section 2.2.2. */
type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'

/** What the log tells of an exchange. */
export type ExchangeFacts = Pick<
  AccessEntry,
  'authn' | 'clientId' | 'code' | 'peer' | 'reason' | 'sid' | 'sub' | 'upstream'
> & {
  /** Of the token that was shown; without one, the request's own. */
  readonly txn?: string
}

export interface TokenEndpointDeps extends ExchangeDeps {
  readonly peerOf: PeerOf
  note(request: FastifyRequest, facts: ExchangeFacts): void
}

/**
 * Token exchange (RFC 8693) for workloads that connect to each other directly: the new token is for the audience, and
 * for the workload that asks to present. With the grant `client_credentials` it is for that workload itself.
 */
export function tokenEndpoint(
  deps: TokenEndpointDeps,
): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
    const { error, facts, response } = answerTo(deps, request)
    deps.note(request, { ...facts, code: error })
    return error === undefined ? reply.send(response) : refuse(reply, error)
  }
}

interface EndpointAnswer {
  readonly facts?: ExchangeFacts
  readonly error?: OAuthError
  readonly response?: ReturnType<typeof tokenResponse>
}

function answerTo(deps: TokenEndpointDeps, { raw, body }: FastifyRequest): EndpointAnswer {
  const peer = deps.peerOf(raw)
  if (peer === undefined) return { error: 'invalid_client' }
  const facts = { peer: peer.name }
  const asked = readForm(body)
  if (typeof asked === 'string') return { facts, error: asked }
  const { token, service, scopes } = asked
  const wanted = { peer, service, asked: scopes, presenter: peer.spiffeId }
  const result = token === undefined ? ownToken(deps, wanted) : exchange(deps, { ...wanted, token })
  if (result.kind === 'refused')
    return { facts: { ...facts, ...refusalFacts(result) }, error: errorOf(result) }
  const granted = { ...facts, ...claimFacts(result.claims), upstream: result.upstream.name }
  // Whoever asks by name gets all of it or nothing (RFC 8693 section 2.2.2).
  if (result.refusedScopes.length > 0) return { facts: granted, error: 'invalid_scope' }
  return { facts: granted, response: tokenResponse(result) }
}

function refusalFacts(refusal: ExchangeRefusal): ExchangeFacts {
  if (refusal.why === 'bad_token') return { reason: refusal.cause.message }
  return refusal.parent === undefined ? {} : claimFacts(refusal.parent)
}

function claimFacts({ txn, sub, client_id: clientId, sid }: InternalClaims): ExchangeFacts {
  return { txn, sub, clientId, sid, authn: 'internal' }
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
  /** undefined: the workload asks for itself. */
  readonly token: string | undefined
  readonly service: string
  readonly scopes: readonly string[] | undefined
}

/** As it was parsed: a field that comes twice is a list. */
type Form = Readonly<Record<string, unknown>>

function readForm(body: unknown): ExchangeForm | OAuthError {
  if (typeof body !== 'object' || body === null) return 'invalid_request'
  const form = withoutEmpty({ ...body })
  const grant = form['grant_type']
  if (grant !== grantType && grant !== ownGrantType) {
    return typeof grant === 'string' ? 'unsupported_grant_type' : 'invalid_request'
  }
  const token = subjectToken(form, grant)
  if (token === 'invalid_request') return token
  const service = targetOf(form)
  if (service === 'invalid_request' || service === 'invalid_target') return service
  const scope = form['scope']
  if (scope === undefined) return { ...token, ...service, scopes: undefined }
  if (typeof scope !== 'string') return 'invalid_request'
  const scopes = parseScopeList(scope)
  return scopes === undefined ? 'invalid_scope' : { ...token, ...service, scopes }
}

/** What was sent without a value was not sent (RFC 6749 section 3.2). */
function withoutEmpty(form: Form): Form {
  return Object.fromEntries(Object.entries(form).filter(([, value]) => value !== ''))
}

/** One service by its name; a token for whatever else is asked for besides is not to be had. */
function targetOf(form: Form): Pick<ExchangeForm, 'service'> | 'invalid_request' | 'invalid_target' {
  const { audience: service, resource } = form
  if (service === undefined) return 'invalid_request'
  return typeof service === 'string' && resource === undefined ? { service } : 'invalid_target'
}

/** A token of nobody is a mistake, and so is somebody's where the workload asks for itself. */
function subjectToken(form: Form, grant: string): Pick<ExchangeForm, 'token'> | 'invalid_request' {
  const { subject_token: token, requested_token_type: requested } = form
  if (Object.hasOwn(form, 'actor_token')) return 'invalid_request'
  if (requested !== undefined && !madeHere.has(requested)) return 'invalid_request'
  if (grant === ownGrantType) return token === undefined ? { token } : 'invalid_request'
  if (!madeHere.has(form['subject_token_type'])) return 'invalid_request'
  return typeof token === 'string' && token.length <= maxTokenBytes ? { token } : 'invalid_request'
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
