import type { Rate } from '../units.ts'

/** What requests are told apart by when they are counted. */
export type CountedBy = 'subject' | 'client' | 'session' | 'address' | 'route'

/** A limit with a name, for any number of routes. */
export interface LimitPolicyConfig {
  readonly rate: Rate
  /** The most within a shorter window; undefined: the whole rate may come at once. */
  readonly burst: Rate | undefined
  readonly by: readonly CountedBy[]
}

export interface GatewayLimits {
  readonly headerBytes: number
  readonly urlBytes: number
  /** Largest body of a route that states none. */
  readonly bodyBytes: number
  /** Most that a coded body may unpack to, on a route that takes them and states none. */
  readonly inflatedBytes: number
  /** Longest wait for an upstream of a route that states none. */
  readonly timeoutMs: number
  readonly rate: Rate
  readonly failedAuthRate: Rate
  /** `redis://…`, where the routes' requests are counted; undefined: in memory. */
  readonly store: string | undefined
}

export interface RouteLimits {
  /** Undefined: the gateway's own rate, unless there are policies. */
  readonly rate: Rate | undefined
  /** Names of `limitPolicies`. */
  readonly policies: readonly string[]
  readonly bodyBytes: number
  readonly inflatedBytes: number
  /** Undefined: the gateway's own. */
  readonly headerBytes: number | undefined
  readonly urlBytes: number | undefined
  readonly timeoutMs: number
  /** Undefined: the upstream's own. */
  readonly firstByteMs: number | undefined
  readonly idleMs: number | undefined
}

export type Priority = 'low' | 'normal' | 'high'
