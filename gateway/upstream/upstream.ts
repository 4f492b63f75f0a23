import type { Clock } from '@gatehouse/kit/clock'
import type { TargetConfig, UpstreamConfig } from '@gatehouse/kit/config/types'
import { Problem, StartError } from '@gatehouse/kit/errors'
import type { Logger } from '@gatehouse/kit/log'
import { isLoopbackHost } from '@gatehouse/kit/loopback'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import type { WorkloadMaterial } from '@gatehouse/kit/mtls/material'
import { Addresses, type Address, type Lookup } from './addresses.ts'
import type { Balancer } from './balance/balancer.ts'
import { balancers } from './balance/table.ts'
import { Breaker } from './breaker.ts'
import { Concurrency, type NoTurn } from './concurrency.ts'
import { Ejection } from './ejection.ts'
import { HealthChecks } from './health-checks.ts'
import type { UpstreamMetrics } from './metrics.ts'
import { sharedConnections, upstreamPool } from './pool.ts'
import { RetryBudget } from './retry-budget.ts'
import { Shares } from './shares.ts'
import { TargetSet, type CanaryWish } from './target-set.ts'
import { Target, type Outcome } from './target.ts'

/** A target that nothing is sent to any more may finish what it has for this long. */
const drainMs = 30_000

export interface UpstreamParts {
  /** A function is asked at each new connection. */
  readonly material: WorkloadMaterial | (() => WorkloadMaterial)
  /** Is given each connection to a target when it is open. */
  readonly onConnect?: (socket: unknown) => void
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: UpstreamMetrics
  /** Default: as the system does. */
  readonly lookup?: Lookup
}

/** What a request asks of the choice of its target. */
export interface Wish {
  readonly key: string | undefined
  readonly canary: CanaryWish | undefined
  /** Where it has just failed. */
  readonly not: Target | undefined
}

/**
 * A named service: where it is, who it must prove to be, which of its targets is next, and whether anything may be
 * sent at all. Each of these is a file of its own; here they are put together.
 */
export class Upstream {
  readonly config: UpstreamConfig
  readonly #parts: UpstreamParts
  readonly #targets: TargetSet
  readonly #balance: Balancer
  readonly #concurrency: Concurrency
  readonly #budget: RetryBudget
  readonly #breaker: Breaker | undefined
  readonly #ejection: Ejection | undefined
  readonly #health: HealthChecks | undefined
  #addresses: Addresses | undefined

  /** @throws StartError for a target that is not `https://host:port` (plain: `http`, on this machine), or for none. */
  constructor(config: UpstreamConfig, parts: UpstreamParts) {
    if (config.targets.length === 0) throw noTarget(config.name)
    for (const { url } of config.targets) checkOrigin(config, url)
    this.config = config
    this.#parts = parts
    this.#targets = new TargetSet(parts.clock)
    this.#targets.replace(config.targets.map((target) => this.#open(target, undefined)))
    this.#balance = balancers[config.balance](new Shares(config.slowStartMs))
    this.#concurrency = new Concurrency(config.concurrency)
    this.#budget = new RetryBudget(config.retries.budgetPercent)
    this.#breaker = this.#makeBreaker()
    this.#ejection = this.#makeEjection()
    this.#health = this.#makeHealthChecks()
  }

  get name(): string {
    return this.config.name
  }

  /** Workload name of the targets, the `aud` of their internal tokens. */
  get identity(): string {
    return this.config.identity
  }

  /** Begins to look names up and to check health, as far as the configuration asks for it. */
  start(): this {
    if (this.config.plain)
      this.#parts.log.warn(
        { upstream: this.name },
        'plain upstream: whoever may listen on its port here gets its requests and tokens',
      )
    this.#health?.watch(this.#targets.all)
    const { resolveMs, targets } = this.config
    if (resolveMs !== undefined) {
      this.#addresses = new Addresses({
        targets,
        everyMs: resolveMs,
        ...(this.#parts.lookup === undefined ? {} : { lookup: this.#parts.lookup }),
        onFound: (found) => this.#follow(found),
        onFailure: (host, err) =>
          this.#parts.log.warn({ upstream: this.name, host, err }, 'a name was not found'),
      })
      void this.#addresses.refresh()
    }
    return this
  }

  /**
   * Waits for a turn among the requests of this service.
   * @param run called when it is there; `leave` at the end.
   * @returns gives up waiting.
   */
  enter(run: () => void, refuse: (problem: Problem) => void): (() => void) | undefined {
    return this.#concurrency.enter(run, (why: NoTurn) => {
      this.#count('queue', { result: why })
      refuse(unavailable(1))
    })
  }

  leave(): void {
    this.#concurrency.leave()
  }

  /** Whether the breaker lets an attempt through; if it does, `settle` must be told how it went. */
  admit(): Problem | undefined {
    const waitMs = this.#breaker?.admit() ?? 0
    if (waitMs > 0) return unavailable(Math.ceil(waitMs / 1000))
    this.#budget.earn()
    return undefined
  }

  /** The target for the next attempt. */
  pick(wish: Wish): Target {
    const choice = this.#targets.choice(wish.canary, wish.not)
    const [first] = choice
    if (first === undefined) throw noTarget(this.name)
    return choice.length === 1 ? first : (this.#balance(choice, this.#parts.clock.now(), wish.key) ?? first)
  }

  /** A stream has begun; `settle` is told of its end. */
  streams(): void {
    this.#breaker?.begun()
  }

  settle(target: Target, outcome: Outcome): void {
    target.finish(outcome)
    if (outcome === 'void') return this.#breaker?.undecided()
    if (outcome === 'ok') this.#ejection?.succeeded(target)
    else this.#ejection?.failed(target)
    if (outcome === 'failed') this.#breaker?.failed()
    else this.#breaker?.succeeded()
  }

  /** Whether a request may be repeated for the `attempt`th time, as far as the budget goes. */
  mayRepeat(attempt: number): boolean {
    if (attempt > this.config.retries.attempts) return false
    const may = this.#budget.spend()
    this.#count('retries', { result: may ? 'sent' : 'over_budget' })
    return may
  }

  /** Lets requests in flight finish and closes then; after `graceMs` in any case. Requests still come through until. */
  async drain(graceMs = drainMs): Promise<void> {
    this.#stop()
    await Promise.all(this.#targets.all.map((target) => target.drain(graceMs)))
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    this.#stop()
    await Promise.all(this.#targets.all.map((target) => target.close()))
  }

  #stop(): void {
    this.#addresses?.stop()
    this.#health?.stop()
    this.#ejection?.stop()
  }

  /** Keeps the targets that are still there, opens new ones and drains those that are gone. */
  #follow(found: readonly Address[]): void {
    const before = new Map(this.#targets.all.map((target) => [target.id, target]))
    const now = found.map(({ config, address }) => {
      const known = before.get(idOf(config, address))
      return known ?? this.#open(config, address)
    })
    this.#targets.replace(now)
    this.#health?.watch(now)
    const gone = [...before.values()].filter((target) => !now.includes(target))
    for (const target of gone) void target.drain(drainMs)
  }

  #open(config: TargetConfig, address: string | undefined): Target {
    const { material, metrics, onConnect } = this.#parts
    const { concurrency, health, timeouts } = this.config
    const { trustDomain } = typeof material === 'function' ? material() : material
    const id = idOf(config, address)
    const counter = (result: Outcome) => metrics.attempts.child({ upstream: this.name, target: id, result })
    const connections = {
      material,
      expected: this.config.plain ? undefined : spiffeId(trustDomain, this.identity),
      origin: config.url,
      address,
      // Whether a target is well must not wait until it has less to do.
      connections: concurrency.max + (health === undefined ? 0 : 1),
      connectMs: timeouts.connectMs,
      onConnect,
    }
    return new Target(config, id, {
      pool: upstreamPool(connections),
      shared: sharedConnections(connections),
      counters: {
        ok: counter('ok'),
        unwell: counter('unwell'),
        failed: counter('failed'),
        void: counter('void'),
      },
      gone: metrics.targets.open(this.name, id),
    })
  }

  #makeBreaker(): Breaker | undefined {
    const { breaker, name } = this.config
    if (breaker === undefined) return undefined
    const { clock, log } = this.#parts
    return new Breaker(breaker, {
      clock,
      onChange: (state) => {
        this.#count('breaker', { state })
        log.warn({ upstream: name, state }, 'circuit breaker')
      },
    })
  }

  #makeEjection(): Ejection | undefined {
    if (this.config.ejection === undefined) return undefined
    return new Ejection(this.config.ejection, {
      targets: this.#targets,
      clock: this.#parts.clock,
      onEjected: ({ id }) => {
        this.#count('ejections', { target: id })
        this.#parts.log.warn({ upstream: this.name, target: id }, 'a target is taken out: its requests fail')
      },
    })
  }

  #makeHealthChecks(): HealthChecks | undefined {
    if (this.config.health === undefined) return undefined
    return new HealthChecks(this.config.health, {
      targets: this.#targets,
      onChecked: ({ id }, isHealthy) =>
        this.#count('healthChecks', { target: id, result: isHealthy ? 'healthy' : 'unhealthy' }),
      onChange: ({ id, isUnhealthy }) =>
        this.#parts.log.warn(
          { upstream: this.name, target: id, isUnhealthy },
          'the health of a target changed',
        ),
    })
  }

  #count(metric: Exclude<keyof UpstreamMetrics, 'targets'>, labels: Readonly<Record<string, string>>): void {
    this.#parts.metrics[metric].child({ upstream: this.name, ...labels }).inc()
  }
}

function idOf({ url }: TargetConfig, address: string | undefined): string {
  return address === undefined ? url : `${url} ${address}`
}

function unavailable(seconds: number): Problem {
  return new Problem('upstream_unavailable', { headers: { 'retry-after': String(seconds) } })
}

function checkOrigin({ name, plain }: UpstreamConfig, origin: string): void {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  const isSafe = plain
    ? url?.protocol === 'http:' && isLoopbackHost(url.hostname)
    : url?.protocol === 'https:'
  if (isSafe && url?.origin === origin.toLowerCase()) return
  throw new StartError(`upstream ${name}: the target '${origin}' is not an https:// origin`, {
    hint: 'write it as https://host:port, without a path; internal tokens travel over mutual TLS only',
  })
}

function noTarget(name: string): StartError {
  return new StartError(`upstream ${name} has no target`, { hint: 'name at least one https://host:port' })
}
