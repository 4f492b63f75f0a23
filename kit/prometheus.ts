import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { MetricType } from 'prom-client'
import type { Labels, Rendered, Shown } from './metrics.ts'

/**
 * Hands the numbers of `Metrics` to prom-client's registry, which writes them. With its 80 modules it is loaded at the
 * first scrape, and not at every start.
 * @param families may grow later.
 */
export function renderer(families: ReadonlyMap<string, Shown>): () => Promise<Rendered> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 })
  return async () => {
    for (const [name, family] of families) {
      if (registry.getSingleMetric(name) === undefined) registry.registerMetric(metricOf(family))
    }
    return { contentType: registry.contentType, text: await registry.metrics() }
  }
}

function metricOf(family: Shown): Counter | Gauge | Histogram {
  switch (family.kind) {
    case 'counter':
      return counterOf(family)
    case 'gauge':
      return gaugeOf(family)
    case 'histogram':
      return new ScrapedHistogram(family)
  }
}

function counterOf({ name, help, labelNames, entries }: Extract<Shown, { kind: 'counter' }>): Counter {
  return new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [],
    collect() {
      this.reset()
      for (const [labels, { value }] of entries()) this.inc({ ...labels }, value)
    },
  })
}

function gaugeOf({ name, help, read }: Extract<Shown, { kind: 'gauge' }>): Gauge {
  return new Gauge({
    name,
    help,
    registers: [],
    collect() {
      this.set(read())
    },
  })
}

interface Sample {
  readonly metricName: string
  readonly labels: Record<string, string | number>
  readonly value: number
}

type Buckets = Extract<Shown, { kind: 'histogram' }>

/** prom-client offers no way to set buckets, so its histogram is asked to report ours. */
class ScrapedHistogram extends Histogram {
  /** Set by prom-client's constructor, and missing in its types. */
  declare readonly type: MetricType
  readonly #family: Buckets

  constructor(family: Buckets) {
    const { name, help, labelNames, bounds } = family
    super({ name, help, labelNames: [...labelNames], buckets: [...bounds], registers: [] })
    this.#family = family
  }

  override async get(): ReturnType<Histogram['get']> {
    const { name, help, bounds, entries } = this.#family
    const values = [...entries()].flatMap(([labels, child]) => samples(name, bounds, labels, child))
    return { name, help, type: this.type, aggregator: 'sum', values, collect: () => {} }
  }

  /** What the registry calls for the text format when a metric has it, as prom-client's histogram does. */
  getForPromString(): ReturnType<Histogram['get']> {
    return this.get()
  }
}

function samples(
  name: string,
  bounds: readonly number[],
  labels: Labels,
  child: { readonly counts: Float64Array; readonly sum: number },
): readonly Sample[] {
  let total = 0
  const buckets = [...bounds, '+Inf'].map((bound, slot) => {
    total += child.counts[slot] ?? 0
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: total }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { ...labels }, value: child.sum },
    { metricName: `${name}_count`, labels: { ...labels }, value: total },
  ]
}
