import type { Clock } from '@gatehouse/kit/clock'
import type { AuthnScheme } from '@gatehouse/kit/config/types'
import { authenticate } from '../authn/authenticate.ts'
import type { Authenticator } from '../authn/authenticator.ts'
import { withNews, type News } from '../authn/news.ts'
import { notRevoked } from '../authn/not-revoked.ts'
import { bodyFitsContract, fitsContract } from '../contract/fits.ts'
import type { DecisionPoint } from '../authz/decision-point.ts'
import { externalDecision } from '../authz/external.ts'
import { requireRole } from '../authz/roles.ts'
import { requireScopes } from '../authz/scopes.ts'
import { requireStepUp } from '../authz/step-up.ts'
import { checkBody } from '../limits/body.ts'
import { rateLimit } from '../limits/rate-limit.ts'
import type { GatewayMetrics } from '../metrics.ts'
import type { Shedding } from '../overload/shed.ts'
import type { RevocationIndex } from '../revocation/index.ts'
import type { Route } from '../routing/route.ts'
import { mintFirstHop } from '../token/first-hop.ts'
import type { Mint } from '../token/mint.ts'
import type { TokenReuse } from '../token/reuse.ts'
import { checkOrigin } from '../websocket/origin.ts'
import type { Stage } from './context.ts'

export interface StageParts {
  readonly authenticators: Readonly<Record<AuthnScheme, Authenticator>>
  readonly revocation: RevocationIndex
  readonly news: News
  readonly clock: Clock
  readonly metrics: GatewayMetrics
  readonly decisions: DecisionPoint
  readonly shedding: Shedding
  readonly mint: Mint
  readonly reuse: TokenReuse
  /** SPIFFE ID of the gateway. */
  readonly presenter: string
}

/** A stage with its name in the explanation of a request. */
export interface NamedStage {
  readonly name: string
  readonly stage: Stage
}

interface Row extends NamedStage {
  readonly onlyWithAuthn: boolean
  readonly onlyWithContract?: boolean
}

/** The stage that reads a body. */
export const contractBody = 'contract body'

/** What a request passes between its route and its service, in this order. */
export function stageTable(parts: StageParts): (route: Route) => readonly NamedStage[] {
  const { authenticators, revocation, metrics, mint, reuse, presenter } = parts
  const table: readonly Row[] = [
    { name: 'overload', stage: parts.shedding.stage, onlyWithAuthn: false },
    { name: 'body', stage: checkBody, onlyWithAuthn: false },
    { name: 'authenticate', stage: authenticate(authenticators, metrics), onlyWithAuthn: true },
    { name: 'news', stage: withNews(parts.news), onlyWithAuthn: true },
    { name: 'revocation', stage: notRevoked(revocation, metrics), onlyWithAuthn: true },
    { name: 'origin', stage: checkOrigin, onlyWithAuthn: true },
    { name: 'scopes', stage: requireScopes, onlyWithAuthn: false },
    { name: 'roles', stage: requireRole, onlyWithAuthn: false },
    { name: 'step-up', stage: requireStepUp(parts.clock), onlyWithAuthn: true },
    { name: 'rate', stage: rateLimit(metrics), onlyWithAuthn: false },
    { name: 'external', stage: externalDecision(parts.decisions), onlyWithAuthn: true },
    { name: 'contract', stage: fitsContract, onlyWithAuthn: false, onlyWithContract: true },
    { name: contractBody, stage: bodyFitsContract, onlyWithAuthn: false, onlyWithContract: true },
    { name: 'token', stage: mintFirstHop({ mint, reuse, presenter }), onlyWithAuthn: true },
  ]
  return (route) =>
    table.filter(
      (row) =>
        !(row.onlyWithAuthn && route.authn.length === 0) &&
        !(row.onlyWithContract === true && route.contract === undefined),
    )
}
