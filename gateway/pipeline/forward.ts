import { Problem } from '@gatehouse/kit/errors'
import { timeoutHeader } from '@gatehouse/kit/http/timeout-header'
import { authorityEnded } from '../authn/authority-ended.ts'
import type { AddTrace } from '../http/trace-context.ts'
import { addRateHeaders } from '../limits/rate-headers.ts'
import type { LiveAuthority } from '../revocation/live.ts'
import type { CanonicalTarget } from '../routing/canonical-path.ts'
import { affinity } from '../upstream/affinity.ts'
import type { Forwarder, Forwarding } from '../upstream/forwarder.ts'
import { addOwnHeaders, allowedRequestHeaders } from '../upstream/request-headers.ts'
import { noPlace } from '../websocket/acceptable.ts'
import { handshakeHeaders, switchingProtocols } from '../websocket/handshake.ts'
import { openWebSocket } from '../websocket/open.ts'
import type { Tunnels } from '../websocket/tunnels.ts'
import type { Upgrade, Upgrades } from '../websocket/upgrades.ts'
import type { RequestContext } from './context.ts'
import type { Visit } from './visit.ts'

export interface ForwardDeps {
  readonly forwarder: Forwarder
  readonly addTrace: AddTrace
  /** `http` or `https`: what callers outside use. */
  readonly protocol: string
  /** Ends what stays open when the authority for it ends. */
  readonly live: LiveAuthority
  readonly upgrades: Upgrades
  readonly tunnels: Tunnels
}

export interface ForwardTo {
  readonly host: string
  readonly target: CanonicalTarget
}

/** The last step at the public door: the request goes to the service, and its answer to the caller. */
export function forward(deps: ForwardDeps, visit: Visit, context: RequestContext, to: ForwardTo): void {
  const { request, response, facts } = visit
  // It may have left while a stage waited; nothing is done for nobody.
  if (response.destroyed) return visit.ended({ kind: 'abandoned', status: 0, bytes: 0 })
  const { route } = context
  facts.upstream = route.upstream.name
  const upgrade = request.headers.upgrade === undefined ? undefined : deps.upgrades.of(request)
  const fault = upgrade && noPlace(deps.tunnels)
  if (fault !== undefined) return visit.refuse(fault)
  const forwarding = forwardingOf(deps, visit, context, to)
  if (upgrade !== undefined) deps.forwarder.forward(asWebSocket(deps, forwarding, context, upgrade))
  else if (route.isStream) forwardStream(deps, forwarding, context)
  else deps.forwarder.forward(forwarding)
}

function forwardingOf(
  deps: ForwardDeps,
  visit: Visit,
  { route, txn, address, token, caller, rate, body }: RequestContext,
  { host, target }: ForwardTo,
): Forwarding {
  const { request, response, method } = visit
  const headers = allowedRequestHeaders(request.headers, route.requestHeaders)
  deps.addTrace(headers, request.headers)
  const own = visit.ownHeaders()
  if (rate !== undefined) addRateHeaders(own, route.limit.policies, rate)
  if (caller !== undefined) own.push('cache-control', 'no-store')
  // A stream has no end to wait for.
  if (route.timing.totalMs > 0) headers.push(timeoutHeader, String(route.timing.totalMs))
  return {
    request,
    response,
    method,
    upstream: route.upstream,
    path: target.path + target.query,
    headers: addOwnHeaders(headers, { address, host, protocol: deps.protocol, txn, token }),
    body,
    bodyBytes: route.bodyBytes,
    inflatedBytes: route.inflatedBytes,
    timing: route.timing,
    key: affinity(route.upstream.config, { subject: caller?.rateKey, address, path: target.path }),
    responseHeaders: route.responseHeaders,
    relocate: route.relocate,
    ownHeaders: own,
    ended: (end) => visit.ended(end),
  }
}

function forwardStream(deps: ForwardDeps, forwarding: Forwarding, { caller }: RequestContext): void {
  let unwatch: (() => void) | undefined
  const ongoing = deps.forwarder.forward({
    ...forwarding,
    ended: (end) => {
      unwatch?.()
      forwarding.ended(end)
    },
  })
  if (caller === undefined || ongoing.isOver) return
  unwatch = deps.live.watch(caller, () => ongoing.end(authorityEnded(caller)))
}

function asWebSocket(
  deps: ForwardDeps,
  forwarding: Forwarding,
  { route, caller, request }: RequestContext,
  upgrade: Upgrade,
): Forwarding {
  const giveUpPlace = deps.tunnels.reserve()
  return {
    ...forwarding,
    headers: [...forwarding.headers, ...handshakeHeaders(request)],
    timing: route.websocket?.timing ?? forwarding.timing,
    upgraded: (service, raw) => {
      const head = switchingProtocols(request, raw, forwarding.ownHeaders)
      if (head === undefined) {
        return new Problem('bad_gateway', { cause: new Error('the handshake was not answered') })
      }
      upgrade.detach()
      openWebSocket(deps, { caller: upgrade.socket, service }, head, caller)
      return undefined
    },
    ended: (end) => {
      giveUpPlace()
      forwarding.ended(end)
    },
  }
}
