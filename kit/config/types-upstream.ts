export type Balance = 'round-robin' | 'least-requests' | 'hash'

/** A named service as it is compiled: durations in ms. */
export interface UpstreamConfig {
  readonly name: string
  readonly targets: readonly TargetConfig[]
  /** The `aud` of its internal tokens: the workload name that the targets must prove, or the name of a plain one. */
  readonly identity: string
  /** Over HTTP without TLS, to loopback addresses only; the targets prove nothing. */
  readonly plain: boolean
  readonly balance: Balance
  /** What stays on one target with `balance: hash`. */
  readonly hashBy: 'subject' | 'address' | 'path'
  /** Lower-case name of the header that says `always` or `never` for canary targets. */
  readonly canaryHeader: string | undefined
  /** How often names are looked up, every address being a target. Undefined: a name is one target. */
  readonly resolveMs: number | undefined
  /** How long a target that came back grows into its share; 0: at once. */
  readonly slowStartMs: number
  readonly timeouts: UpstreamTimeouts
  readonly health: HealthConfig | undefined
  readonly ejection: EjectionConfig | undefined
  readonly breaker: BreakerConfig | undefined
  readonly retries: RetryConfig
  readonly concurrency: ConcurrencyConfig
}

export interface TargetConfig {
  /** An origin. */
  readonly url: string
  readonly weight: number
  readonly canary: boolean
}

export interface UpstreamTimeouts {
  /** TCP and TLS together. */
  readonly connectMs: number
  /** Until the head of the answer; undefined: as long as the route allows. */
  readonly firstByteMs: number | undefined
  /** Silence within an answer. */
  readonly idleMs: number
}

/** Active health checks. */
export interface HealthConfig {
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Bad answers in a row that take a target out. */
  readonly unhealthy: number
  /** Good answers in a row that bring it back. */
  readonly healthy: number
}

/** Passive ejection of targets that fail. */
export interface EjectionConfig {
  /** In a row. */
  readonly failures: number
  readonly forMs: number
  /** Of the targets, at most this part is out. */
  readonly maxPercent: number
}

export interface BreakerConfig {
  readonly errorPercent: number
  /** Fewer requests in a window say nothing. */
  readonly volume: number
  readonly windowMs: number
  readonly openMs: number
}

export interface RetryConfig {
  /** Beyond the first. */
  readonly attempts: number
  readonly budgetPercent: number
}

export interface ConcurrencyConfig {
  readonly max: number
  readonly queue: number
  readonly waitMs: number
}
