import { Problem } from '@gatehouse/kit/errors'
import type { Metrics } from '@gatehouse/kit/metrics'
import type { Stage } from '../pipeline/context.ts'
import type { LagSource } from './lag.ts'
import { Overload, yieldsAt, type Yielding } from './overload.ts'

/** Seconds. Those who were refused together do not come back together. */
const longestRetryAfter = 5

/** Refuses requests of a kind while there is too much to do for it; undefined: it may go on. */
export type Shed = () => Problem | undefined

export interface Shedding {
  of(kind: Yielding): Shed
  /** The first stage of a request to a service. */
  readonly stage: Stage
  stop(): void
}

/** @param thresholdMs of lag at which the first kind of requests is refused; Infinity: none ever. */
export function shedding(metrics: Metrics, thresholdMs: number, source: LagSource): Shedding {
  const overload = new Overload(thresholdMs)
  const refused = metrics.counter(
    'gatehouse_gateway_shed_total',
    'Requests that were refused because there was too much to do.',
    ['priority'],
  )
  metrics.gauge(
    'gatehouse_gateway_overload_level',
    'How many priorities are refused: 0 none, 1 low, 2 normal, 3 high, 4 sign-in too.',
    () => overload.level,
  )
  const of = (kind: Yielding): Shed => {
    const at = yieldsAt(kind)
    const counter = refused.child({ priority: kind })
    return () => {
      if (overload.level < at) return undefined
      counter.inc()
      return overloaded()
    }
  }
  const byPriority = { low: of('low'), normal: of('normal'), high: of('high') }
  return {
    of,
    stage: ({ route }) => (overload.level === 0 ? undefined : byPriority[route.priority]()),
    stop: source((lagMs) => overload.look(lagMs)),
  }
}

function overloaded(): Problem {
  const seconds = 1 + Math.floor(Math.random() * longestRetryAfter)
  return new Problem('overloaded', { headers: { 'retry-after': String(seconds) } })
}
