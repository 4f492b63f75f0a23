import type { Config, SiteConfig } from '@gatehouse/kit/config/types'
import { Problem } from '@gatehouse/kit/errors'
import { newTxn } from '@gatehouse/kit/http/server'
import { Metrics } from '@gatehouse/kit/metrics'
import type { GatewayDeps } from '../deps.ts'
import type { RouteLimit } from '../limits/route-limit.ts'
import { reasonOf } from '../log/reason.ts'
import { gatewayMetrics } from '../metrics.ts'
import type { RequestContext } from '../pipeline/context.ts'
import type { OwnPaths } from '../pipeline/own-paths.ts'
import type { Passage } from '../pipeline/public-door.ts'
import { problemOf } from '../pipeline/run.ts'
import { contractBody, stageTable, type NamedStage } from '../pipeline/stages.ts'
import { canonicalTarget } from '../routing/canonical-path.ts'
import { checkHost, servedHosts, type ServedHosts } from '../routing/host.ts'
import type { Route } from '../routing/route.ts'
import type { RoutingTable } from '../routing/routing-table.ts'
import { authenticatorsFor } from './authenticators.ts'
import { besideRoutes } from './beside-routes.ts'
import { upgradeFault } from '../websocket/acceptable.ts'
import { handshakeFault } from '../websocket/handshake.ts'
import { explainPreflight, type ExplainedPreflight } from './preflight.ts'
import { requestOf, type Question } from './question.ts'
import { routeVerdicts, type RouteVerdict } from './rivals.ts'
import { refused, type Refused } from './sign-in.ts'

export interface StageVerdict {
  readonly stage: string
  readonly verdict: 'passes' | 'refuses' | 'not reached'
  readonly status?: number
  readonly code?: string
  readonly reason?: string | undefined
}

export interface Explanation {
  /** As routing, policy and the service see it. */
  readonly request: { readonly method: string; readonly host: string; readonly path: string }
  readonly route: string | undefined
  readonly routes: readonly RouteVerdict[]
  readonly stages: readonly StageVerdict[]
  readonly outcome: Partial<Refused> & {
    readonly forwarded: boolean
    /** Where no route is asked. */
    readonly served?: 'by the gateway itself' | 'as it comes'
  }
  readonly caller?: object
  readonly upstream?: {
    readonly name: string
    /** None of a site. */
    readonly identity?: string
    readonly targets: readonly string[]
  }
  /** Claims of the token that the service would get; the token itself is not given away. */
  readonly internalToken?: unknown
}

export interface ExplainDeps extends GatewayDeps {
  readonly table: RoutingTable<Passage>
  /** In force. */
  config(): Config
  readonly own: OwnPaths
}

/** What would become of a request: by the table and the stages that serve requests, without sending or counting it. */
export async function explain(deps: ExplainDeps, question: Question): Promise<Explanation> {
  const config = deps.config()
  const host = checkHost(question.host ?? config.gateway.hosts[0], hostsOf(config))
  if (host instanceof Problem) return nowhere(question, question.host ?? '', question.path, host)
  const target = canonicalTarget(question.path)
  if (target === undefined) return nowhere(question, host, question.path, new Problem('invalid_path'))
  const asked = { method: question.method, host, path: target.path }
  const beside = besideRoutes(asked, config, deps.own)
  if (beside instanceof Problem) return nowhere(question, host, target.path, beside)
  if (beside !== undefined) return { ...nobodyAsked(asked), ...servedBy(beside) }
  const request = requestOf(question, host)
  const preflight = explainPreflight(request, asked, { table: deps.table, config })
  if (preflight !== undefined) return { request: asked, ...answered(preflight) }
  const found = deps.table.find(host, asked.method, asked.path, request.headers)
  const taken = found.kind === 'route' ? found.value.route.id : undefined
  const routes = routeVerdicts(config.routes, { ...asked, headers: request.headers }, taken)
  if (found.kind !== 'route') {
    const other = found.kind === 'none' ? deps.own.wrongMethod(target.path) : undefined
    const problem = other ?? new Problem(found.kind === 'none' ? 'not_found' : 'method_not_allowed')
    return { ...nowhere(question, host, target.path, problem), routes }
  }
  const context: RequestContext = {
    request,
    txn: newTxn(),
    address: '127.0.0.1',
    route: asExplained(found.value.route),
    params: found.params,
    caller: undefined,
    rate: undefined,
    token: undefined,
    tokenTxn: undefined,
    body: undefined,
  }
  const rows = stagesFor(deps, question, config)(context.route)
  // A question has no body.
  const asking = rows.filter(({ name }) => name !== contractBody)
  const { stages, problem } = await judge(asking, context, protocolFault(context))
  return { request: asked, route: taken, routes, stages, ...conclusion(question, context, problem) }
}

function hostsOf({ gateway, sites }: Config): ServedHosts {
  const hosts = [...gateway.hosts, ...sites.flatMap(({ at }) => ('host' in at ? [at.host] : []))]
  return servedHosts(hosts, new URL(gateway.origin).protocol.slice(0, -1))
}

function nobodyAsked(request: Explanation['request']) {
  return { request, route: undefined, routes: [], stages: [] }
}

function answered({ route, routes, isAllowed }: ExplainedPreflight) {
  const outcome = isAllowed
    ? { forwarded: false, status: 204, served: 'by the gateway itself' as const }
    : { forwarded: false, status: 403, code: 'forbidden' }
  return { route, routes, stages: [], outcome }
}

/** Asked before any stage, for a request that wants another protocol. */
function protocolFault({ request, route }: RequestContext): Problem | undefined {
  if (request.headers.upgrade === undefined) return undefined
  return upgradeFault({ fault: handshakeFault(request, Buffer.alloc(0)) }, route, { isFull: false })
}

function nowhere({ method }: Question, host: string, path: string, problem: Problem): Explanation {
  const { status, code } = problem
  return { ...nobodyAsked({ method, host, path }), outcome: { forwarded: false, status, code } }
}

function servedBy(beside: SiteConfig | 'own'): Pick<Explanation, 'outcome' | 'upstream'> {
  if (beside === 'own') return { outcome: { forwarded: false, served: 'by the gateway itself' } }
  const { id: name, target } = beside
  return { outcome: { forwarded: true, served: 'as it comes' }, upstream: { name, targets: [target] } }
}

/** Neither counted nor signed for more than this once. */
function asExplained(route: Route): Route {
  const { limit } = route
  const peeking: RouteLimit = { ...limit, hit: (counted) => limit.peek(counted) }
  return { ...route, limit: peeking, tokenReuseMs: 0 }
}

function stagesFor(deps: ExplainDeps, question: Question, config: Config) {
  const { ctx, revocation, mint, material, reuse, verifier, events } = deps
  return stageTable({
    authenticators: authenticatorsFor(question, { verifier, clock: ctx.clock, config }),
    revocation,
    failures: { count: () => undefined },
    news: events.freshness,
    clock: ctx.clock,
    metrics: gatewayMetrics(new Metrics()),
    decisions: deps.decisions,
    shedding: deps.shedding,
    mint,
    reuse,
    presenter: material.spiffeId,
  })
}

async function judge(
  rows: readonly NamedStage[],
  context: RequestContext,
  before: Problem | undefined,
): Promise<{ readonly stages: readonly StageVerdict[]; readonly problem: Problem | undefined }> {
  const stages: StageVerdict[] = []
  let problem = before
  for (const { name, stage } of rows) {
    if (problem !== undefined) {
      stages.push({ stage: name, verdict: 'not reached' })
      continue
    }
    // One after the other: each sees what those before it found out.
    // oxlint-disable-next-line no-await-in-loop
    const result = await Promise.resolve(context).then(stage).catch(problemOf)
    if (result instanceof Problem) problem = result
    else Object.assign(context, result)
    stages.push(problem === undefined ? { stage: name, verdict: 'passes' } : refusal(name, problem))
  }
  return { stages, problem }
}

function refusal(stage: string, problem: Problem): StageVerdict {
  const { status, code } = problem
  return { stage, verdict: 'refuses', status, code, reason: reasonOf(problem) }
}

function conclusion(
  question: Question,
  context: RequestContext,
  problem: Problem | undefined,
): Pick<Explanation, 'outcome' | 'caller' | 'upstream' | 'internalToken'> {
  const { caller, token } = context
  const { upstream } = context.route
  const outcome =
    problem === undefined ? { forwarded: true } : { forwarded: false, ...refused(question, context, problem) }
  const { name, identity, config } = upstream
  return {
    outcome,
    ...(caller === undefined ? {} : { caller: { authn: caller.authn, ...caller.claims } }),
    upstream: { name, identity, targets: config.targets.map(({ url }) => url) },
    ...(token === undefined ? {} : { internalToken: payloadOf(token) }),
  }
}

function payloadOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}
