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
import type { FailedAuthentications } from '../limits/failed-authentications.ts'
import { checkHead } from '../limits/head.ts'
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
  readonly failures: Pick<FailedAuthentications, 'count'>
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
  readonly when: (route: Route) => boolean
}

/** The stage that reads a body. */
export const contractBody = 'contract body'

/** What a request passes between its route and its service, in this order. */
export function stageTable(parts: StageParts): (route: Route) => readonly NamedStage[] {
  const { authenticators, revocation, failures, metrics, mint, reuse, presenter } = parts
  const table: readonly Row[] = [
    { name: 'overload', stage: parts.shedding.stage, when: always },
    { name: 'head', stage: checkHead, when: hasOwnHead },
    { name: 'body', stage: checkBody, when: always },
    { name: 'authenticate', stage: authenticate(authenticators, metrics), when: authenticated },
    { name: 'news', stage: withNews(parts.news), when: authenticated },
    { name: 'revocation', stage: notRevoked(revocation, metrics, failures), when: authenticated },
    { name: 'origin', stage: checkOrigin, when: authenticated },
    { name: 'scopes', stage: requireScopes, when: always },
    { name: 'roles', stage: requireRole, when: always },
    { name: 'step-up', stage: requireStepUp(parts.clock), when: authenticated },
    { name: 'rate', stage: rateLimit(metrics), when: always },
    { name: 'external', stage: externalDecision(parts.decisions), when: authenticated },
    { name: 'contract', stage: fitsContract, when: hasContract },
    { name: contractBody, stage: bodyFitsContract, when: hasContract },
    { name: 'token', stage: mintFirstHop({ mint, reuse, presenter }), when: authenticated },
  ]
  return (route) => table.filter(({ when }) => when(route))
}

const always = (): boolean => true
const authenticated = ({ authn }: Route): boolean => authn.length > 0
const hasContract = ({ contract }: Route): boolean => contract !== undefined
const hasOwnHead = ({ headerBytes, urlBytes }: Route): boolean =>
  headerBytes !== undefined || urlBytes !== undefined
