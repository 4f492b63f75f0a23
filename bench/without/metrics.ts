import type { Metrics } from '@gatehouse/kit/metrics'
import { gatewayMetrics as real } from '../../gateway/metrics.ts'
import type { GatewayMetrics } from '../../gateway/metrics.ts'

/** Counts no request. */
export function gatewayMetrics(metrics: Metrics): GatewayMetrics {
  return { ...real(metrics), route: () => ({ count: () => undefined }) }
}
