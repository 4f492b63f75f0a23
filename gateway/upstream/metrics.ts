import type { CounterChild, Family, Metrics } from '@gatehouse/kit/metrics'
import { TargetSeries } from './target-series.ts'

/** What is counted of the services' side. */
export interface UpstreamMetrics {
  readonly attempts: Family<CounterChild>
  readonly retries: Family<CounterChild>
  readonly ejections: Family<CounterChild>
  readonly healthChecks: Family<CounterChild>
  readonly breaker: Family<CounterChild>
  readonly queue: Family<CounterChild>
  /** Of the series that name one. */
  readonly targets: TargetSeries
}

export function upstreamMetrics(metrics: Metrics): UpstreamMetrics {
  const counter = (name: string, help: string, labels: readonly string[]): Family<CounterChild> =>
    metrics.counter(`gatehouse_gateway_upstream_${name}_total`, help, ['upstream', ...labels])
  const attempts = counter('attempts', 'Requests sent to a target, each retry counted.', ['target', 'result'])
  const ejections = counter('ejections', 'Targets taken out because requests failed there.', ['target'])
  const healthChecks = counter('health_checks', 'Health checks.', ['target', 'result'])
  return {
    attempts,
    retries: counter('retries', 'Requests repeated, or not because the budget was spent.', ['result']),
    ejections,
    healthChecks,
    breaker: counter('breaker', 'Changes of the circuit breaker.', ['state']),
    queue: counter('queue', 'Requests that had to wait for others, by how that ended.', ['result']),
    targets: new TargetSeries([attempts, ejections, healthChecks]),
  }
}
