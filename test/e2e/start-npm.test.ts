import t from 'tap'
import { newPlace, startHouse } from '../harness/house.ts'

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`npm start, and ${signal} to npm`, { timeout: 240_000 }, async (t) => {
    const place = await newPlace(t)
    const house = startHouse(t, { ...place, by: 'npm' })
    await house.ready()
    const { ms } = await house.stop(signal)
    t.ok(ms < 8_000, `stopped after ${Math.round(ms)} ms`)
    t.match(house.out, /stopped in \d+ ms/)
    t.same(house.left(), [], 'npm waited for the house, and nothing is left')
  })
}
