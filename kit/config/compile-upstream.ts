import { parseDuration } from '../units.ts'
import { originOf } from './compile-context.ts'
import type { WrittenUpstream } from './schema-upstream.ts'
import type {
  BreakerConfig,
  ConcurrencyConfig,
  EjectionConfig,
  HealthConfig,
  RetryConfig,
  TargetConfig,
  UpstreamConfig,
  UpstreamTimeouts,
} from './types-upstream.ts'

/** One upstream with its defaults. */
export function compileUpstream(name: string, written: WrittenUpstream): UpstreamConfig {
  return {
    name,
    targets: written.targets.map(compileTarget),
    identity: written.identity ?? name,
    plain: written.plain ?? false,
    balance: written.balance ?? 'round-robin',
    hashBy: written.hashBy ?? 'subject',
    canaryHeader: written.canaryHeader?.toLowerCase(),
    resolveMs: written.resolve === undefined ? undefined : parseDuration(written.resolve),
    slowStartMs: parseDuration(written.slowStart ?? '10s'),
    timeouts: compileTimeouts(written.timeouts ?? {}),
    health: written.health === undefined ? undefined : compileHealth(written.health),
    ejection: written.ejection === 'off' ? undefined : compileEjection(written.ejection ?? {}),
    breaker: written.breaker === 'off' ? undefined : compileBreaker(written.breaker ?? {}),
    retries: compileRetries(written.retries ?? {}),
    concurrency: compileConcurrency(written.concurrency ?? {}),
  }
}

function compileTarget(written: WrittenUpstream['targets'][number]): TargetConfig {
  if (typeof written === 'string') return { url: originOf(written), weight: 1, canary: false }
  return { url: originOf(written.url), weight: written.weight ?? 1, canary: written.canary ?? false }
}

function compileTimeouts(written: NonNullable<WrittenUpstream['timeouts']>): UpstreamTimeouts {
  return {
    connectMs: parseDuration(written.connect ?? '1s'),
    firstByteMs: written.firstByte === undefined ? undefined : parseDuration(written.firstByte),
    idleMs: parseDuration(written.idle ?? '60s'),
  }
}

function compileHealth(written: NonNullable<WrittenUpstream['health']>): HealthConfig {
  return {
    path: written.path,
    intervalMs: parseDuration(written.interval ?? '5s'),
    timeoutMs: parseDuration(written.timeout ?? '1s'),
    unhealthy: written.unhealthy ?? 3,
    healthy: written.healthy ?? 2,
  }
}

function compileEjection(written: Exclude<NonNullable<WrittenUpstream['ejection']>, 'off'>): EjectionConfig {
  return {
    failures: written.failures ?? 5,
    forMs: parseDuration(written.for ?? '10s'),
    maxPercent: written.max ?? 50,
  }
}

function compileBreaker(written: Exclude<NonNullable<WrittenUpstream['breaker']>, 'off'>): BreakerConfig {
  return {
    errorPercent: written.errors ?? 50,
    volume: written.volume ?? 20,
    windowMs: parseDuration(written.window ?? '10s'),
    openMs: parseDuration(written.open ?? '5s'),
  }
}

function compileRetries(written: NonNullable<WrittenUpstream['retries']>): RetryConfig {
  return { attempts: written.attempts ?? 1, budgetPercent: written.budget ?? 20 }
}

function compileConcurrency(written: NonNullable<WrittenUpstream['concurrency']>): ConcurrencyConfig {
  return {
    max: written.max ?? 256,
    queue: written.queue ?? 1024,
    waitMs: parseDuration(written.wait ?? '1s'),
  }
}
