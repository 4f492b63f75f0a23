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
  /** Ends all series with these label values, whatever their others are: whoever has a child of them counts for nobody. */
  forget(labels: Labels): void
}

/** What is shown of one family: its name, and its children as they are now. */
export type Shown = {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
} & (
  | {
      readonly kind: 'counter'
      readonly entries: () => Iterable<readonly [Labels, { readonly value: number }]>
    }
  | {
      readonly kind: 'histogram'
      readonly bounds: readonly number[]
      readonly entries: () => Iterable<
        readonly [Labels, { readonly counts: Float64Array; readonly sum: number }]
      >
    }
  | { readonly kind: 'gauge'; readonly read: () => number }
)

export interface Rendered {
  readonly contentType: string
  readonly text: string
}

/**
 * Metrics that cost next to nothing where requests pass: a child is a number or a typed array, and prom-client
 * sees it only when somebody scrapes (`observe` of prom-client is 6 to 9 µs, docs: performance.md). It is loaded then, too.
 */
export class Metrics {
  readonly #shown = new Map<string, Shown>()
  #renderer: Promise<() => Promise<Rendered>> | undefined

  /** A number that only grows, named as Prometheus does: `gatehouse_requests_total`. */
  counter(name: string, help: string, labelNames: readonly string[] = []): Family<CounterChild> {
    const family = new ChildMap(labelNames, () => new PlainCounter())
    this.#show({ kind: 'counter', name, help, labelNames, entries: () => family.entries() })
    return family
  }

  /** Counts of observations by size. `buckets` are upper bounds, ascending, without infinity. */
  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    buckets: readonly number[],
  ): Family<HistogramChild> {
    const bounds = Float64Array.from(buckets)
    const family = new ChildMap(labelNames, () => new PlainHistogram(bounds))
    this.#show({
      kind: 'histogram',
      name,
      help,
      labelNames,
      bounds: buckets,
      entries: () => family.entries(),
    })
    return family
  }

  /** A value that is read when somebody scrapes. */
  gauge(name: string, help: string, read: () => number): void {
    this.#show({ kind: 'gauge', name, help, labelNames: [], read })
  }

  /** Everything in the Prometheus text format, with what is known of the process itself. */
  async render(): Promise<Rendered> {
    this.#renderer ??= import('./prometheus.ts').then(({ renderer }) => renderer(this.#shown))
    return (await this.#renderer)()
  }

  #show(family: Shown): void {
    if (this.#shown.has(family.name)) throw new TypeError(`there is a metric ${family.name} already`)
    this.#shown.set(family.name, family)
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

  forget(labels: Labels): void {
    const wanted = Object.entries(labels)
    for (const [key, { labels: own }] of this.#children) {
      if (wanted.every(([name, value]) => own[name] === value)) this.#children.delete(key)
    }
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

  /** @param bounds of all of a family. */
  constructor(bounds: Float64Array) {
    this.#bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    let slot = 0
    while (slot < this.#bounds.length && value > (this.#bounds[slot] ?? 0)) slot += 1
    this.counts[slot] = (this.counts[slot] ?? 0) + 1
    this.sum += value
  }
}
