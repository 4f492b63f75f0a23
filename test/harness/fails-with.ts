import type { Test } from 'tap'
import type { House } from './house.ts'

/** The house ends with exit code 1, says why in a few lines without a stack, and leaves nothing running. */
export async function failsWith(
  t: Pick<Test, 'equal' | 'match' | 'notMatch' | 'ok' | 'same'>,
  house: House,
  expected: RegExp,
): Promise<void> {
  const { code } = await house.exited
  t.equal(code, 1)
  t.match(house.err, expected)
  t.equal(house.out, '')
  t.ok(house.err.trim().split('\n').length <= 10, `short: ${house.err}`)
  t.notMatch(house.err, /\n\s+at /, 'no stack')
  t.same(house.left(), [], 'nothing runs')
}
