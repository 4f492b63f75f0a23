import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { MetricType } from 'prom-client'

export type Labels = Readonly<Record<string, string>>

export interface CounterChild {
  inc(n?: number): void
}

export interface HistogramChild {
  observe(value: number): void
}

/** One metric with its label names. Ask for a child once, at start, and keep it: looking it up costs. */
export interface Family<Child> {
  /** The series for these label values; the same object each time. Label values must be a bounded set. */
  child(labels: Labels): Child
}

/**
 * Metrics that cost next to nothing where requests pass: a child is a number or a typed array, and prom-client
 * sees it only when somebody scrapes (`observe` of prom-client is 6 to 9 µs, docs: performance.md).
 */
export class Metrics {
  readonly registry = new Registry()

  constructor() {
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 20 })
  }

  /** A number that only grows, named as Prometheus does: `gatehouse_requests_total`. */
  counter(name: string, help: string, labelNames: readonly string[] = []): Family<CounterChild> {
    const family = new ChildMap(labelNames, () => new PlainCounter())
    const report = (metric: Counter): void => {
      metric.reset()
      for (const [labels, child] of family.entries()) metric.inc({ ...labels }, child.value)
    }
    const metric = new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [],
      collect() {
        report(this)
      },
    })
    this.registry.registerMetric(metric)
    return family
  }

  /** Counts of observations by size. `buckets` are upper bounds, ascending, without infinity. */
  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    buckets: readonly number[],
  ): Family<HistogramChild> {
    const family = new ChildMap(labelNames, () => new PlainHistogram(buckets))
    this.registry.registerMetric(new ScrapedHistogram(name, help, labelNames, buckets, family))
    return family
  }

  /** A value that is read when somebody scrapes. */
  gauge(name: string, help: string, read: () => number): void {
    const metric = new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read())
      },
    })
    this.registry.registerMetric(metric)
  }

  /** Everything in the Prometheus text format. */
  render(): Promise<string> {
    return this.registry.metrics()
  }
}

class ChildMap<Child> implements Family<Child> {
  readonly #children = new Map<string, { readonly labels: Labels; readonly child: Child }>()
  readonly #labelNames: readonly string[]
  readonly #create: () => Child

  constructor(labelNames: readonly string[], create: () => Child) {
    this.#labelNames = labelNames
    this.#create = create
    if (labelNames.length === 0) this.child({})
  }

  child(labels: Labels): Child {
    const key = JSON.stringify(this.#labelNames.map((name) => labels[name] ?? ''))
    const known = this.#children.get(key)
    if (known !== undefined) return known.child
    const child = this.#create()
    this.#children.set(key, { labels, child })
    return child
  }

  *entries(): Generator<readonly [Labels, Child]> {
    for (const { labels, child } of this.#children.values()) yield [labels, child]
  }
}

class PlainCounter implements CounterChild {
  value = 0

  inc(n = 1): void {
    this.value += n
  }
}

class PlainHistogram implements HistogramChild {
  readonly #bounds: Float64Array
  /** Not cumulative; the last slot is for what is above every bound. */
  readonly counts: Float64Array
  sum = 0

  constructor(buckets: readonly number[]) {
    this.#bounds = Float64Array.from(buckets)
    this.counts = new Float64Array(buckets.length + 1)
  }

  observe(value: number): void {
    let slot = 0
    while (slot < this.#bounds.length && value > (this.#bounds[slot] ?? 0)) slot += 1
    this.counts[slot] = (this.counts[slot] ?? 0) + 1
    this.sum += value
  }
}

interface Sample {
  readonly metricName: string
  readonly labels: Record<string, string | number>
  readonly value: number
}

/** prom-client offers no way to set buckets, so its histogram is asked to report ours. */
class ScrapedHistogram extends Histogram {
  /** Set by prom-client's constructor, and missing in its types. */
  declare readonly type: MetricType
  readonly #head: { readonly name: string; readonly help: string; readonly bounds: readonly number[] }
  readonly #family: ChildMap<PlainHistogram>

  constructor(
    name: string,
    help: string,
    labelNames: readonly string[],
    buckets: readonly number[],
    family: ChildMap<PlainHistogram>,
  ) {
    super({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers: [] })
    this.#head = { name, help, bounds: buckets }
    this.#family = family
  }

  override async get(): ReturnType<Histogram['get']> {
    const { name, help, bounds } = this.#head
    const values = [...this.#family.entries()].flatMap(([labels, child]) =>
      samples(name, bounds, labels, child),
    )
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
  child: PlainHistogram,
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
