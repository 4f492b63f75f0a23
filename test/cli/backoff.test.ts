import t from 'tap'
import { restartDelayMs } from '../../cli/start/backoff.ts'

t.test('doubles from 250 ms up to 10 s, within a fifth', async (t) => {
  const exact = [0, 1, 2, 3, 4, 5, 6, 1000].map((restarts) => restartDelayMs(restarts, () => 0.5))
  t.same(exact, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  t.equal(
    restartDelayMs(0, () => 0),
    200,
  )
  t.equal(
    restartDelayMs(0, () => 1),
    300,
  )
})
