import fc from 'fast-check'
import t from 'tap'
import { parseDuration, parseRate, parseSize, UnitError } from '@gatehouse/kit/units'

t.test('durations become milliseconds', async (t) => {
  const examples: readonly (readonly [string, number])[] = [
    ['250ms', 250],
    ['5s', 5000],
    ['1m', 60_000],
    ['12h', 43_200_000],
    ['14d', 1_209_600_000],
    ['0s', 0],
  ]
  for (const [text, ms] of examples) t.equal(parseDuration(text), ms, text)
})

t.test('sizes become bytes', async (t) => {
  t.equal(parseSize('512B'), 512)
  t.equal(parseSize('64KiB'), 65_536)
  t.equal(parseSize('1MiB'), 1_048_576)
  t.equal(parseSize('2GiB'), 2_147_483_648)
})

t.test('rates become a count and a window', async (t) => {
  t.strictSame(parseRate('60/min'), { count: 60, windowMs: 60_000 })
  t.strictSame(parseRate('5/s'), { count: 5, windowMs: 1000 })
  t.strictSame(parseRate('1000/h'), { count: 1000, windowMs: 3_600_000 })
})

t.test('what cannot be read is an error, never a default', async (t) => {
  for (const text of [
    '',
    '5',
    's',
    '5 s',
    ' 5s',
    '5s\n',
    '-5s',
    '+5s',
    '1.5s',
    '1e3s',
    '5S',
    '5sec',
    '٥s',
    '5s5s',
  ]) {
    t.throws(() => parseDuration(text), UnitError, JSON.stringify(text))
  }
  for (const text of ['', '64', '64kb', '64KB', '64kib', '-1B', '1.5MiB', '64 KiB', '0x10B']) {
    t.throws(() => parseSize(text), UnitError, JSON.stringify(text))
  }
  for (const text of ['', '60', '0/min', '60/m', '60/minute', '/s', '60/', '-1/s', '1/2s', '60 / min']) {
    t.throws(() => parseRate(text), UnitError, JSON.stringify(text))
  }
})

t.test('a number that JavaScript cannot hold exactly is an error', async (t) => {
  t.throws(() => parseDuration('999999999999999d'), UnitError)
  t.throws(() => parseSize('999999999999999GiB'), UnitError)
  t.throws(() => parseSize('99999999999999999999B'), UnitError)
})

t.test('the message says what was expected and shortens what was given', async (t) => {
  t.throws(() => parseDuration('soon'), { message: /'soon' is not a duration such as '250ms'/ })
  t.throws(() => parseSize('x'.repeat(1000)), { message: /^.{0,200}$/ })
})

t.test('property: whatever is written in a unit is read as count times unit', async () => {
  const durations = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  const units = fc.constantFrom('ms' as const, 's' as const, 'm' as const, 'h' as const, 'd' as const)
  fc.assert(
    fc.property(fc.nat({ max: 1_000_000 }), units, (count, unit) => {
      return parseDuration(`${count}${unit}`) === count * durations[unit]
    }),
  )
  fc.assert(fc.property(fc.nat(), (count) => parseSize(`${count}KiB`) === count * 1024))
  fc.assert(fc.property(fc.integer({ min: 1 }), (count) => parseRate(`${count}/min`).count === count))
})

t.test('property: any text gives a safe whole number that is not negative, or UnitError', async () => {
  const texts = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[-+ ]?\d{0,20}[.e]?\d{0,3} ?(ms|s|m|h|d|B|KiB|\/s|\/min)?$/),
  )
  fc.assert(
    fc.property(texts, fc.constantFrom(parseDuration, parseSize), (text, parse) => {
      try {
        const value = parse(text)
        return Number.isSafeInteger(value) && value >= 0
      } catch (error) {
        return error instanceof UnitError
      }
    }),
    { numRuns: 1000 },
  )
})
