import t from 'tap'
import { until } from '../harness/eventually.ts'
import { newPlace, startHouse } from '../harness/house.ts'

t.test('told to stop while it starts', { timeout: 240_000 }, async (t) => {
  const place = await newPlace(t)
  const house = startHouse(t, place)
  await until(() => house.left().length >= 4)
  const { code, ms } = await house.stop()
  t.equal(code, 0)
  t.ok(ms < 8_000, `after ${Math.round(ms)} ms`)
  t.same(house.left(), [])
})
