import type { AuthnScheme } from '@gatehouse/kit/config/types'
import { authenticate } from '../authn/authenticate.ts'
import type { Authenticator } from '../authn/authenticator.ts'
import { withNews, type News } from '../authn/news.ts'
import { notRevoked } from '../authn/not-revoked.ts'
import { requireRole } from '../authz/roles.ts'
import { requireScopes } from '../authz/scopes.ts'
import { checkBody } from '../limits/body.ts'
import { rateLimit } from '../limits/rate-limit.ts'
import type { GatewayMetrics } from '../metrics.ts'
import type { RevocationIndex } from '../revocation/index.ts'
import type { Route } from '../routing/route.ts'
import { mintFirstHop } from '../token/first-hop.ts'
import type { Mint } from '../token/mint.ts'
import { checkOrigin } from '../websocket/origin.ts'
import type { Stage } from './context.ts'

export interface StageParts {
  readonly authenticators: Readonly<Record<AuthnScheme, Authenticator>>
  readonly revocation: RevocationIndex
  readonly news: News
  readonly metrics: GatewayMetrics
  readonly mint: Mint
  /** SPIFFE ID of the gateway. */
  readonly presenter: string
}

/** What a request passes between its route and its service, in this order. */
export function stageTable(parts: StageParts): (route: Route) => readonly Stage[] {
  const { authenticators, revocation, metrics, mint, presenter } = parts
  const table: readonly { readonly stage: Stage; readonly onlyWithAuthn: boolean }[] = [
    { stage: checkBody, onlyWithAuthn: false },
    { stage: authenticate(authenticators, metrics), onlyWithAuthn: true },
    { stage: withNews(parts.news), onlyWithAuthn: true },
    { stage: notRevoked(revocation, metrics), onlyWithAuthn: true },
    { stage: checkOrigin, onlyWithAuthn: true },
    { stage: requireScopes, onlyWithAuthn: false },
    { stage: requireRole, onlyWithAuthn: false },
    { stage: rateLimit(metrics), onlyWithAuthn: false },
    { stage: mintFirstHop(mint, presenter), onlyWithAuthn: true },
  ]
  return (route) =>
    table.filter((row) => !row.onlyWithAuthn || route.authn.length > 0).map((row) => row.stage)
}
