import { edgesAreKnown } from './edges.ts'
import { idsAreUnique } from './ids.ts'
import { introspectionIsComplete } from './introspection.ts'
import { limitPoliciesAreUsable } from './limit-policies.ts'
import { lifetimesAreWithin } from './lifetimes.ts'
import { originsDiffer } from './origins.ts'
import { productionIsSafe } from './production.ts'
import { protocolIsCoherent } from './protocol.ts'
import { routeAuthorityIsWrittenOut } from './route-authority.ts'
import { routeContractsFit } from './route-contracts.ts'
import { routeHeadersAreHarmless, siteHeadersAreHarmless } from './route-headers.ts'
import { routeHostsAreServed } from './route-hosts.ts'
import { routesDoNotOverlap } from './route-overlap.ts'
import { routeLimitsHaveAnEffect } from './route-limits.ts'
import { routeMatchHeadersAreUsable } from './route-match-headers.ts'
import { routePathsAreUsable } from './route-paths.ts'
import { routeUpstreamsExist } from './route-upstreams.ts'
import { routeWebSocketsCanOpen } from './route-websockets.ts'
import type { Rule } from './rule.ts'
import { sitesHaveTheirPlace } from './sites.ts'
import { upstreamsProveThemselves } from './upstream-identity.ts'
import { upstreamNamesAreFree } from './upstream-names.ts'

/** Every rule beyond the schema. All of them run, whatever the others found. */
export const rules: readonly Rule[] = [
  idsAreUnique,
  routeAuthorityIsWrittenOut,
  routeUpstreamsExist,
  routePathsAreUsable,
  routeHostsAreServed,
  routeMatchHeadersAreUsable,
  routesDoNotOverlap,
  routeHeadersAreHarmless,
  siteHeadersAreHarmless,
  routeContractsFit,
  routeLimitsHaveAnEffect,
  routeWebSocketsCanOpen,
  upstreamNamesAreFree,
  upstreamsProveThemselves,
  limitPoliciesAreUsable,
  edgesAreKnown,
  originsDiffer,
  sitesHaveTheirPlace,
  introspectionIsComplete,
  productionIsSafe,
  protocolIsCoherent,
  lifetimesAreWithin,
]
