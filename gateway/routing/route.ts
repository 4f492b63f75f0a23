import type { AuthnScheme, ExternalDecisionConfig, Priority } from '@gatehouse/kit/config/types'
import type { Contract } from '../contract/compile.ts'
import type { CorsPolicy } from '../cors/policy.ts'
import type { RouteLimit } from '../limits/route-limit.ts'
import type { RouteMetrics } from '../metrics.ts'
import type { ResponseHeaders } from '../upstream/response-headers.ts'
import type { Timing } from '../upstream/timing.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { Relocate } from './relocate.ts'

/** A route as it runs: nothing of it is parsed or looked up per request. */
export interface Route {
  readonly id: string
  /** Empty: `authn: none`, written out in the configuration. */
  readonly authn: readonly AuthnScheme[]
  /** All are needed. */
  readonly scopes: readonly string[]
  /** Any one is enough; none demanded when empty. */
  readonly roles: readonly string[]
  /** Any one is enough; empty: however the person signed in. */
  readonly acr: readonly string[]
  /** How long ago the person may have signed in; undefined: any time. */
  readonly maxAgeMs: number | undefined
  readonly external: ExternalDecisionConfig | undefined
  /** What to do without news of what was taken away. */
  readonly whenStale: 'refuse' | 'serve'
  /** `scope` of the internal token; undefined: the service gets none. */
  readonly tokenScope: string | undefined
  /** How long a token may serve further requests like the one that it was minted for. */
  readonly tokenReuseMs: number
  /** Of this route as it runs: one of the same name in a new configuration has another. */
  readonly tokenMark: symbol
  readonly upstream: Upstream
  /** What pages of other origins are told; undefined: nothing. */
  readonly cors: CorsPolicy | undefined
  /** In the configuration, for preflights. */
  readonly methods: readonly string[]
  /** Of `Location` in answers; undefined: the route passes it on as it comes. */
  readonly relocate: Relocate | undefined
  /** What requests must fit; undefined: they are not looked into. */
  readonly contract: Contract | undefined
  readonly bodyBytes: number
  /** Of a coded body, after unpacking; undefined: the route takes none. */
  readonly inflatedBytes: number | undefined
  /** Undefined: only the gateway's own bounds. */
  readonly headerBytes: number | undefined
  readonly urlBytes: number | undefined
  readonly timing: Timing
  /** Its answers need not end: they are ended when the caller's authority is. */
  readonly isStream: boolean
  /** Time for the handshake, and from where a session may open one; undefined: takes no WebSockets. */
  readonly websocket: { readonly timing: Timing; readonly origins: ReadonlySet<string> } | undefined
  readonly limit: RouteLimit
  readonly priority: Priority
  /** Lower-case names of the caller's headers that the service gets. */
  readonly requestHeaders: readonly string[]
  readonly responseHeaders: ResponseHeaders
  readonly metrics: RouteMetrics
}
