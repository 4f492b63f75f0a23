import type { CounterChild, Family, HistogramChild, Metrics } from '@gatehouse/kit/metrics'

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const

/** How the requests of one route went. */
export interface RouteMetrics {
  count(status: number, ms: number): void
}

/** Everything that the gateway counts. */
export interface GatewayMetrics {
  /** @param door `public` or `internal`; @param route its id, or `none`. */
  route(door: string, route: string): RouteMetrics
  readonly upstreamErrors: Family<CounterChild>
  readonly authnFailures: Family<CounterChild>
  readonly rateLimited: Family<CounterChild>
  readonly tokenCache: Family<CounterChild>
}

export function gatewayMetrics(metrics: Metrics): GatewayMetrics {
  const requests = metrics.counter('gatehouse_gateway_requests_total', 'Requests answered.', [
    'door',
    'route',
    'status',
  ])
  const seconds = metrics.histogram(
    'gatehouse_gateway_request_seconds',
    'Time from the first byte of a request to the last byte of its answer.',
    ['door', 'route'],
    secondsBuckets,
  )
  return {
    route: (door, route) => routeMetrics(requests, seconds, door, route),
    upstreamErrors: metrics.counter(
      'gatehouse_gateway_upstream_errors_total',
      'Requests that a service did not answer properly.',
      ['upstream', 'code'],
    ),
    authnFailures: metrics.counter(
      'gatehouse_gateway_authn_failures_total',
      'Credentials that were refused.',
      ['reason'],
    ),
    rateLimited: metrics.counter('gatehouse_gateway_rate_limited_total', 'Requests over a limit.', [
      'policy',
    ]),
    tokenCache: metrics.counter(
      'gatehouse_gateway_token_cache_total',
      'Access tokens looked up among the verified ones.',
      ['result'],
    ),
  }
}

/** Series of a route begin with its first request: 10,000 routes that nobody asks for would be 18 MB at each scrape. */
function routeMetrics(
  requests: Family<CounterChild>,
  seconds: Family<HistogramChild>,
  door: string,
  route: string,
): RouteMetrics {
  const byClass: (CounterChild | undefined)[] = classes.map(() => undefined)
  let taken: HistogramChild | undefined
  return {
    count(status, ms) {
      const at = Math.floor(status / 100) - 1
      const name = classes[at]
      if (name !== undefined) (byClass[at] ??= requests.child({ door, route, status: name })).inc()
      taken ??= seconds.child({ door, route })
      taken.observe(ms / 1000)
    },
  }
}
