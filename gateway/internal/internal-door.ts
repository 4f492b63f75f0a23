import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import { bearerToken } from '../authn/authorization-header.ts'
import { missingCredentials } from '../http/challenge.ts'
import type { RouteMetrics } from '../metrics.ts'
import { problemOf } from '../pipeline/run.ts'
import type { Door } from '../pipeline/take-over.ts'
import { Visit, type VisitDeps } from '../pipeline/visit.ts'
import { canonicalTarget } from '../routing/canonical-path.ts'
import { affinity } from '../upstream/affinity.ts'
import type { Forwarder } from '../upstream/forwarder.ts'
import { allowedRequestHeaders, defaultRequestHeaders } from '../upstream/request-headers.ts'
import { defaultResponseHeaders } from '../upstream/response-headers.ts'
import { timingOf } from '../upstream/timing.ts'
import { doorProblem } from './door-problem.ts'
import { exchange, type ExchangeDeps, type Exchanged } from './exchange.ts'
import { parseScopeList } from './narrow.ts'
import type { PeerOf } from './peer.ts'

/** The header in which a workload asks for less than the edge would let through. */
const askedHeader = 'gatehouse-scope'
const servicePath = /^\/([^/]+)(\/.*)$/
const responseHeaders: ReadonlySet<string> = new Set(defaultResponseHeaders)

export interface InternalDoorDeps extends VisitDeps, ExchangeDeps {
  readonly forwarder: Forwarder
  readonly peerOf: PeerOf
  /** SPIFFE ID of the gateway, which presents the new token. */
  readonly presenter: string
  readonly bodyBytes: number
  readonly timeoutMs: number
  /** Counts by service. */
  readonly serviceMetrics: ReadonlyMap<string, RouteMetrics>
}

/** Flow C of design.md: `/<service>/<path>`, with the token that the workload was given. */
export function internalDoor(deps: InternalDoorDeps): Door {
  const visitOf = (fastifyRequest: FastifyRequest, reply: FastifyReply): Visit => {
    reply.hijack()
    const { raw: request, id: txn } = fastifyRequest
    return new Visit(deps, { request, response: reply.raw, txn }, request.socket.remoteAddress ?? '')
  }
  return {
    enter(fastifyRequest, reply) {
      const visit = visitOf(fastifyRequest, reply)
      const problem = attempt(() => proceed(deps, visit))
      if (problem !== undefined) visit.refuse(problem)
    },
    turnAway(fastifyRequest, reply, problem) {
      visitOf(fastifyRequest, reply).refuse(problem)
    },
  }
}

function attempt(run: () => Problem | undefined): Problem | undefined {
  try {
    return run()
  } catch (thrown) {
    return problemOf(thrown)
  }
}

function proceed(deps: InternalDoorDeps, visit: Visit): Problem | undefined {
  const { request, facts } = visit
  const peer = deps.peerOf(request)
  if (peer === undefined) return missingCredentials()
  facts.peer = peer.name
  const target = canonicalTarget(request.url ?? '')
  if (target === undefined) return new Problem('invalid_path')
  facts.path = target.path
  const [, service, path] = servicePath.exec(target.path) ?? []
  if (service === undefined || path === undefined) return new Problem('not_found')
  const token = bearerToken(request)
  if (token === undefined) return missingCredentials()
  if (token instanceof Problem) return token
  const asked = askedScopes(request.headers[askedHeader])
  if (asked instanceof Problem) return asked
  const result = exchange(deps, { peer, token, service, asked, presenter: deps.presenter })
  if (result.kind === 'refused') {
    if ('parent' in result) facts.txn = result.parent.txn
    return doorProblem(result, asked)
  }
  return forward(deps, visit, result, path + target.query)
}

function askedScopes(header: string | string[] | undefined): readonly string[] | undefined | Problem {
  if (header === undefined) return undefined
  const asked = typeof header === 'string' ? parseScopeList(header) : undefined
  return asked ?? new Problem('invalid_request', { detail: `${askedHeader} is not a list of scopes.` })
}

function forward(
  deps: InternalDoorDeps,
  visit: Visit,
  { upstream, token, claims }: Exchanged,
  path: string,
): Problem | undefined {
  const { request, response, method, facts } = visit
  facts.txn = claims.txn
  facts.sub = claims.sub
  facts.clientId = claims.client_id
  facts.sid = claims.sid
  facts.authn = 'internal'
  facts.upstream = upstream.name
  facts.metrics = deps.serviceMetrics.get(upstream.name) ?? facts.metrics
  if (Number(request.headers['content-length'] ?? 0) > deps.bodyBytes) return new Problem('body_too_large')
  const headers = allowedRequestHeaders(request.headers, defaultRequestHeaders)
  headers.push('x-request-id', claims.txn, 'authorization', `Bearer ${token}`)
  deps.forwarder.forward({
    request,
    response,
    method,
    upstream,
    path,
    headers,
    bodyBytes: deps.bodyBytes,
    timing: timingOf({ timeoutMs: deps.timeoutMs }, upstream.config.timeouts, false),
    key: affinity(upstream.config, { subject: claims.sub, address: facts.address, path }),
    responseHeaders,
    ownHeaders: visit.ownHeaders(),
    ended: (end) => visit.ended(end),
  })
  return undefined
}
