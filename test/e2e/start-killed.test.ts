import t from 'tap'
import { until } from '../harness/eventually.ts'
import { newPlace, startHouse } from '../harness/house.ts'

t.test('when start itself is killed, the parts notice', { timeout: 240_000 }, async (t) => {
  const place = await newPlace(t)
  const house = startHouse(t, place)
  await house.ready()
  const parts = house.left().length
  t.equal(parts, 6)
  await house.stop('SIGKILL')
  await until(() => house.left().length === 0)

  const next = startHouse(t, place)
  await next.ready()
  t.equal(next.left().length, parts, 'what it left behind stops no later start')
  await next.stop()
})
