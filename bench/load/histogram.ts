const linear = 1024
const perOctave = 512
const octaves = 24

/** Latencies in microseconds, bounded in size, within 0.2 % of the true value (log-linear buckets). */
export class Histogram {
  readonly #counts = new Uint32Array(linear + perOctave * octaves)
  #count = 0
  #max = 0

  record(microseconds: number): void {
    const value = microseconds < 0 ? 0 : Math.floor(microseconds)
    const index = bucketOf(value)
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#count += 1
    if (value > this.#max) this.#max = value
  }

  /** @returns microseconds at this quantile (0 to 1); 0 when nothing was recorded. */
  quantile(q: number): number {
    const wanted = Math.ceil(this.#count * q)
    let seen = 0
    for (let index = 0; index < this.#counts.length; index += 1) {
      seen += this.#counts[index] ?? 0
      if (seen >= wanted && seen > 0) return Math.min(valueOf(index), this.#max)
    }
    return this.#max
  }

  get count(): number {
    return this.#count
  }

  get max(): number {
    return this.#max
  }
}

function bucketOf(value: number): number {
  if (value < linear) return value
  const octave = 31 - Math.clz32(value) - 10
  const index = linear + octave * perOctave + ((value >>> (octave + 1)) - perOctave)
  return Math.min(index, linear + perOctave * octaves - 1)
}

function valueOf(index: number): number {
  if (index < linear) return index
  const octave = Math.floor((index - linear) / perOctave)
  return (perOctave + ((index - linear) % perOctave)) * 2 ** (octave + 1)
}
