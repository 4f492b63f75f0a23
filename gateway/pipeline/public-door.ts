import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import { newTxn } from '@gatehouse/kit/http/txn'
import { headersWished, preflightFor } from '../cors/preflight.ts'
import type { ClientAddress } from '../http/client-address.ts'
import { canonicalTarget } from '../routing/canonical-path.ts'
import { checkHost, type ServedHosts } from '../routing/host.ts'
import type { Route } from '../routing/route.ts'
import type { RoutingTable } from '../routing/routing-table.ts'
import type { RequestContext, Stage } from './context.ts'
import { upgradeFault } from '../websocket/acceptable.ts'
import { forward, type ForwardDeps } from './forward.ts'
import type { OwnPaths } from './own-paths.ts'
import { runStages } from './run.ts'
import type { Door } from './take-over.ts'
import { toLogin } from './to-login.ts'
import { Visit, type VisitDeps } from './visit.ts'

/** A route with what a request passes on its way. */
export interface Passage {
  readonly route: Route
  readonly stages: readonly Stage[]
  /** `Vary`, flat, where headers decide between routes; undefined: they do not. */
  readonly vary: readonly string[] | undefined
}

export interface PublicDoorDeps extends VisitDeps, ForwardDeps {
  readonly hosts: ServedHosts
  readonly routes: RoutingTable<Passage>
  readonly clientAddress: ClientAddress
  /** Of the gateway itself. */
  readonly own: OwnPaths
}

export interface PublicDoor extends Door {
  /** Answers a request with a method that Fastify does not know, which never gets to it. */
  turnAwayUnknown(request: IncomingMessage, response: ServerResponse): void
}

/** Flow A of design.md: path, route, stages, service. */
export function publicDoor(deps: PublicDoorDeps): PublicDoor {
  const visit = (request: IncomingMessage, response: ServerResponse, txn: string): Visit =>
    new Visit(deps, { request, response, txn }, deps.clientAddress(request))
  const visitOf = (fastifyRequest: FastifyRequest, reply: FastifyReply): Visit => {
    reply.hijack()
    return visit(fastifyRequest.raw, reply.raw, fastifyRequest.id)
  }
  return {
    enter(fastifyRequest, reply) {
      const entered = visitOf(fastifyRequest, reply)
      const problem = proceed(deps, entered)
      if (problem !== undefined) entered.refuse(problem)
    },
    turnAway(fastifyRequest, reply, problem) {
      visitOf(fastifyRequest, reply).refuse(problem)
    },
    turnAwayUnknown(request, response) {
      visit(request, response, newTxn()).refuse(new Problem('invalid_request'))
    },
  }
}

function proceed(deps: PublicDoorDeps, visit: Visit): Problem | undefined {
  const { request, method, facts } = visit
  const host = checkHost(request.headers.host, deps.hosts)
  if (host instanceof Problem) return host
  const target = canonicalTarget(request.url ?? '')
  if (target === undefined) return new Problem('invalid_path')
  facts.path = target.path
  const wished = preflightFor(request)
  if (wished !== undefined && answeredPreflight(deps, visit, { host, method: wished, path: target.path }))
    return undefined
  const found = deps.routes.find(host, method, target.path, request.headers)
  if (found.kind === 'none') return deps.own.wrongMethod(target.path) ?? new Problem('not_found')
  if (found.kind === 'wrong_method') {
    return new Problem('method_not_allowed', { headers: { allow: found.allow } })
  }
  const { route, stages, vary } = found.value
  facts.route = route.id
  facts.metrics = route.metrics
  if (route.cors !== undefined) visit.addHeaders(route.cors.answerHeaders(request.headers.origin))
  if (vary !== undefined) visit.addHeaders(vary)
  const upgrade = request.headers.upgrade === undefined ? undefined : deps.upgrades.of(request)
  const fault = upgrade && upgradeFault(upgrade, route, deps.tunnels)
  if (fault !== undefined) return fault
  const { txn, address } = facts
  const context: RequestContext = {
    request,
    txn,
    address,
    route,
    params: found.params,
    caller: undefined,
    rate: undefined,
    token: undefined,
    tokenTxn: undefined,
    body: undefined,
  }
  runStages(stages, context, (problem) => {
    takeNote(visit, context)
    if (problem !== undefined) refuse(visit, route, problem)
    else forward(deps, visit, context, { host, target })
  })
  return undefined
}

/** A browser asks before it sends what a page of another origin wants to; no service needs to hear of it. */
function answeredPreflight(
  deps: PublicDoorDeps,
  visit: Visit,
  { host, method, path }: { readonly host: string; readonly method: string; readonly path: string },
): boolean {
  const found = deps.routes.find(host, method, path, headersWished(visit.request))
  if (found.kind !== 'route' || found.value.route.cors === undefined) return false
  const { id, cors, methods, metrics } = found.value.route
  visit.facts.route = id
  visit.facts.metrics = metrics
  const headers = cors.preflightHeaders(visit.request.headers, methods)
  if (headers !== undefined) {
    visit.answerEmpty(204, headers)
    return true
  }
  visit.addHeaders(cors.answerHeaders(undefined))
  visit.refuse(new Problem('forbidden', { detail: 'Pages of this origin may not send this request.' }))
  return true
}

function refuse(visit: Visit, route: Route, problem: Problem): void {
  const answer = toLogin(problem, visit.request, route)
  if (answer instanceof Problem) visit.refuse(answer)
  else visit.redirect(answer.location, answer.because)
}

function takeNote(visit: Visit, { caller, tokenTxn }: RequestContext): void {
  visit.facts.tokenTxn = tokenTxn
  if (caller === undefined) return
  visit.facts.authn = caller.authn
  visit.facts.sub = caller.claims.sub
  visit.facts.clientId = caller.claims.client_id
  visit.facts.sid = caller.claims.sid
}
