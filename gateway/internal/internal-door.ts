import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import { timeoutHeader } from '@gatehouse/kit/http/timeout-header'
import { bearerToken } from '../authn/authorization-header.ts'
import { missingCredentials } from '../http/challenge.ts'
import { bodyProblem } from '../limits/body.ts'
import type { AddTrace } from '../http/trace-context.ts'
import type { RouteMetrics } from '../metrics.ts'
import type { OwnPaths } from '../pipeline/own-paths.ts'
import { problemOf } from '../pipeline/run.ts'
import type { Door } from '../pipeline/take-over.ts'
import { Visit, type VisitDeps } from '../pipeline/visit.ts'
import { canonicalTarget } from '../routing/canonical-path.ts'
import { affinity } from '../upstream/affinity.ts'
import type { Forwarder } from '../upstream/forwarder.ts'
import {
  allowedRequestHeaders,
  defaultRequestHeaders,
  ownRequestHeaders,
} from '../upstream/request-headers.ts'
import { defaultResponseHeaders, ResponseHeaders } from '../upstream/response-headers.ts'
import { timingOf } from '../upstream/timing.ts'
import { doorProblem } from './door-problem.ts'
import { exchange, type ExchangeDeps, type Exchanged, type ExchangeRefusal } from './exchange.ts'
import { parseScopeList } from './narrow.ts'
import { ownToken } from './own-behalf.ts'
import type { Peer, PeerOf } from './peer.ts'

/** The header in which a workload asks for less than the edge would let through. */
const askedHeader = 'gatehouse-scope'
/** The header with which a workload asks for itself instead of for a caller. */
const behalfHeader = 'gatehouse-behalf'
const servicePath = /^\/([^/]+)(\/.*)$/
const requestHeaders = defaultRequestHeaders.filter((name) => !ownRequestHeaders.has(name))
const responseHeaders = new ResponseHeaders(defaultResponseHeaders)

export interface InternalDoorDeps extends VisitDeps, ExchangeDeps {
  readonly forwarder: Forwarder
  readonly addTrace: AddTrace
  readonly peerOf: PeerOf
  /** What is served here besides. */
  readonly own: OwnPaths
  /** SPIFFE ID of the gateway, which presents the new token. */
  readonly presenter: string
  readonly bodyBytes: number
  readonly timeoutMs: number
  /** Counts by service. */
  serviceMetrics(service: string): RouteMetrics
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
  const wrongMethod = deps.own.wrongMethod(target.path)
  if (wrongMethod !== undefined) return wrongMethod
  const [, service, path] = servicePath.exec(target.path) ?? []
  if (service === undefined || path === undefined) return new Problem('not_found')
  const asked = askedScopes(request.headers[askedHeader])
  if (asked instanceof Problem) return asked
  const result = nextToken(deps, request, { peer, service, asked, presenter: deps.presenter })
  if (result instanceof Problem) return result
  if (result.kind === 'refused') {
    if ('parent' in result && result.parent !== undefined) facts.txn = result.parent.txn
    return doorProblem(result, asked)
  }
  return forward(deps, visit, result, path + target.query)
}

interface Wanted {
  readonly peer: Peer
  readonly service: string
  readonly asked: readonly string[] | undefined
  readonly presenter: string
}

/** On the caller's behalf by the token that came, or on the workload's own, which it must say. */
function nextToken(
  deps: InternalDoorDeps,
  request: IncomingMessage,
  wanted: Wanted,
): Exchanged | ExchangeRefusal | Problem {
  const token = bearerToken(request)
  if (token instanceof Problem) return token
  const behalf = request.headers[behalfHeader]
  if (behalf === undefined)
    return token === undefined ? missingCredentials() : exchange(deps, { ...wanted, token })
  if (behalf === 'own' && token === undefined) return ownToken(deps, wanted)
  return new Problem('invalid_request', { detail: `${behalfHeader} is 'own', and comes without a token.` })
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
  facts.metrics = deps.serviceMetrics(upstream.name)
  const fault = bodyProblem(request.headers, { bodyBytes: deps.bodyBytes })
  if (fault !== undefined) return fault
  const headers = allowedRequestHeaders(request.headers, requestHeaders)
  deps.addTrace(headers, request.headers)
  const timeoutMs = Math.min(deps.timeoutMs, statedTimeout(request.headers[timeoutHeader]) ?? Infinity)
  headers.push('x-request-id', claims.txn, 'authorization', `Bearer ${token}`)
  headers.push(timeoutHeader, String(timeoutMs))
  deps.forwarder.forward({
    request,
    response,
    method,
    upstream,
    path,
    headers,
    bodyBytes: deps.bodyBytes,
    timing: timingOf({ timeoutMs }, upstream.config.timeouts, false),
    key: affinity(upstream.config, { subject: claims.sub, address: facts.address, path }),
    responseHeaders,
    ownHeaders: visit.ownHeaders(),
    ended: (end) => visit.ended(end),
  })
  return undefined
}

/** How long the workload waits: what it says beyond the door's own limit, or cannot be read, does not count. */
function statedTimeout(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^[1-9]\d{0,6}$/.test(header) ? Number(header) : undefined
}
