import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import type { ClientAddress } from '../http/client-address.ts'
import { rateHeaders } from '../limits/rate-headers.ts'
import { canonicalTarget, type CanonicalTarget } from '../routing/canonical-path.ts'
import { checkHost } from '../routing/host.ts'
import type { Route } from '../routing/route.ts'
import type { RouteTree } from '../routing/route-tree.ts'
import { affinity } from '../upstream/affinity.ts'
import type { Forwarder } from '../upstream/forwarder.ts'
import { addOwnHeaders, allowedRequestHeaders } from '../upstream/request-headers.ts'
import type { RequestContext, Stage } from './context.ts'
import { runStages } from './run.ts'
import type { Door } from './take-over.ts'
import { Visit, type VisitDeps } from './visit.ts'

/** A route with what a request passes on its way. */
export interface Passage {
  readonly route: Route
  readonly stages: readonly Stage[]
}

export interface PublicDoorDeps extends VisitDeps {
  readonly hosts: ReadonlySet<string>
  readonly routes: RouteTree<Passage>
  readonly forwarder: Forwarder
  readonly clientAddress: ClientAddress
  /** `http` or `https`: what callers outside use. */
  readonly protocol: string
}

/** Flow A of design.md: path, route, stages, service. */
export function publicDoor(deps: PublicDoorDeps): Door {
  const visitOf = (fastifyRequest: FastifyRequest, reply: FastifyReply): Visit => {
    reply.hijack()
    const { raw: request, id: txn } = fastifyRequest
    return new Visit(deps, { request, response: reply.raw, txn }, deps.clientAddress(request))
  }
  return {
    enter(fastifyRequest, reply) {
      const visit = visitOf(fastifyRequest, reply)
      const problem = proceed(deps, visit, fastifyRequest)
      if (problem !== undefined) visit.refuse(problem)
    },
    turnAway(fastifyRequest, reply, problem) {
      visitOf(fastifyRequest, reply).refuse(problem)
    },
  }
}

function proceed(deps: PublicDoorDeps, visit: Visit, fastifyRequest: FastifyRequest): Problem | undefined {
  const { request, method, facts } = visit
  const host = checkHost(request.headers.host, deps.hosts)
  if (host instanceof Problem) return host
  const target = canonicalTarget(request.url ?? '')
  if (target === undefined) return new Problem('invalid_path')
  facts.path = target.path
  const found = deps.routes.find(host, method, target.path)
  if (found.kind === 'none') return new Problem('not_found')
  if (found.kind === 'wrong_method') {
    return new Problem('method_not_allowed', { headers: { allow: found.allow } })
  }
  const { route, stages } = found.value
  facts.route = route.id
  facts.metrics = route.metrics
  const { txn, address } = facts
  const context: RequestContext = {
    request,
    fastifyRequest,
    txn,
    address,
    route,
    params: found.params,
    caller: undefined,
    rate: undefined,
    token: undefined,
  }
  runStages(stages, context, (problem) => {
    takeNote(visit, context)
    if (problem !== undefined) visit.refuse(problem)
    else forward(deps, visit, context, { host, target })
  })
  return undefined
}

function takeNote(visit: Visit, { caller }: RequestContext): void {
  if (caller === undefined) return
  visit.facts.authn = caller.authn
  visit.facts.sub = caller.claims.sub
  visit.facts.clientId = caller.claims.client_id
  visit.facts.sid = caller.claims.sid
}

function forward(
  deps: PublicDoorDeps,
  visit: Visit,
  context: RequestContext,
  to: { readonly host: string; readonly target: CanonicalTarget },
): void {
  const { request, response, method, facts } = visit
  const { route, txn, address, token, caller, rate } = context
  // It may have left while a stage waited; nothing is done for nobody.
  if (response.destroyed) return visit.ended({ kind: 'abandoned', status: 0, bytes: 0 })
  facts.upstream = route.upstream.name
  const headers = allowedRequestHeaders(request.headers, route.requestHeaders)
  const own = visit.ownHeaders()
  if (rate !== undefined) own.push(...Object.entries(rateHeaders(rate)).flat())
  if (caller !== undefined) own.push('cache-control', 'no-store')
  deps.forwarder.forward({
    request,
    response,
    method,
    upstream: route.upstream,
    path: to.target.path + to.target.query,
    headers: addOwnHeaders(headers, { address, host: to.host, protocol: deps.protocol, txn, token }),
    bodyBytes: route.bodyBytes,
    timing: route.timing,
    key: affinity(route.upstream.config, { subject: caller?.rateKey, address, path: to.target.path }),
    responseHeaders: route.responseHeaders,
    ownHeaders: own,
    ended: (end) => visit.ended(end),
  })
}
