/** A duration, size or rate that cannot be read. The message quotes the text and says what was expected. */
export class UnitError extends Error {
  override readonly name = 'UnitError'
  /** What would have been understood, to finish a sentence with. */
  readonly expected: string

  constructor(text: string, expected: string) {
    super(`'${text.slice(0, 60)}' is not ${expected}`)
    this.expected = expected
  }
}

/** How often something may happen: `count` times in each window of `windowMs` milliseconds. */
export interface Rate {
  readonly count: number
  readonly windowMs: number
}

const durationUnits: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

const sizeUnits: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
])

const rateUnits: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['min', 60_000],
  ['h', 3_600_000],
])

const expectedDuration = "a duration such as '250ms', '5s', '1m', '12h' or '14d'"
const expectedSize = "a size such as '512B', '64KiB' or '1MiB'"
const expectedRate = "a rate such as '5/s', '60/min' or '1000/h'"

/**
 * Reads a duration into milliseconds. Whole numbers only, with a unit: `250ms`, `5s`, `1m`, `12h`, `14d`.
 * @throws UnitError on anything else; an unreadable duration is never "no limit".
 */
export function parseDuration(text: string): number {
  return scaled(text, /^(\d{1,15})(ms|s|m|h|d)$/, durationUnits, expectedDuration)
}

/**
 * Reads a size into bytes. Whole numbers only, with a binary unit: `512B`, `64KiB`, `1MiB`, `2GiB`.
 * @throws UnitError on anything else.
 */
export function parseSize(text: string): number {
  return scaled(text, /^(\d{1,15})(B|KiB|MiB|GiB)$/, sizeUnits, expectedSize)
}

/**
 * Reads a rate: `60/min`, `5/s`, `1000/h`. The count is at least 1: a rate of nothing would be a route that
 * can never be called.
 * @throws UnitError on anything else.
 */
export function parseRate(text: string): Rate {
  const match = /^(\d{1,15})\/(s|min|h)$/.exec(text)
  const count = Number(match?.[1])
  const windowMs = rateUnits.get(match?.[2] ?? '')
  if (windowMs === undefined || !Number.isSafeInteger(count) || count < 1)
    throw new UnitError(text, expectedRate)
  return { count, windowMs }
}

function scaled(text: string, shape: RegExp, units: ReadonlyMap<string, number>, expected: string): number {
  const match = shape.exec(text)
  const value = Number(match?.[1]) * (units.get(match?.[2] ?? '') ?? Number.NaN)
  if (!Number.isSafeInteger(value)) throw new UnitError(text, expected)
  return value
}
