import { systemClock, type Clock } from '@gatehouse/kit/clock'
import { compileUpstream } from '@gatehouse/kit/config/compile-upstream'
import type { WrittenUpstream } from '@gatehouse/kit/config/schema-upstream'
import { createLogger } from '@gatehouse/kit/log'
import { Metrics } from '@gatehouse/kit/metrics'
import { upstreamMetrics } from '../../gateway/upstream/metrics.ts'
import { Upstream, type UpstreamParts } from '../../gateway/upstream/upstream.ts'
import type { Trust } from '../harness/internal.ts'

/** An upstream as the configuration would make it, with nothing running at its targets. */
export function makeUpstream(
  trust: Trust,
  written: Partial<WrittenUpstream>,
  parts: Partial<UpstreamParts> = {},
): Upstream {
  const targets = ['https://localhost:1', 'https://localhost:2', 'https://localhost:3']
  return new Upstream(compileUpstream('orders', { targets, identity: 'orders', ...written }), {
    material: trust.workload('gateway'),
    clock: systemClock,
    log: createLogger({ name: 'test', level: 'silent' }),
    metrics: upstreamMetrics(new Metrics()),
    ...parts,
  })
}

/** A clock that stands still until it is told. */
export class HandClock implements Clock {
  ms = 1_000_000

  now(): number {
    return this.ms
  }
}

/** How often each of the picked ones came. */
export function tally(items: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1
  return counts
}

/** Lets the event loop go round once. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
