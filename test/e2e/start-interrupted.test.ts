import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { newPlace, startHouse } from '../harness/house.ts'

t.test('told to stop while it starts', { timeout: 240_000 }, async (t) => {
  const place = await newPlace(t)
  const house = startHouse(t, place)
  while (house.left().length < 4) await sleep(5)
  const { code, ms } = await house.stop()
  t.equal(code, 0)
  t.ok(ms < 8_000, `after ${Math.round(ms)} ms`)
  t.same(house.left(), [])
})
