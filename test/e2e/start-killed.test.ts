import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { newPlace, startHouse } from '../harness/house.ts'

t.test('when start itself is killed, the parts notice', { timeout: 240_000 }, async (t) => {
  const place = await newPlace(t)
  const house = startHouse(t, place)
  await house.ready()
  const parts = house.left().length
  t.equal(parts, 6)
  await house.stop('SIGKILL')
  const deadline = performance.now() + 15_000
  while (house.left().length > 0 && performance.now() < deadline) await sleep(50)
  t.same(house.left(), [])

  const next = startHouse(t, place)
  await next.ready()
  t.equal(next.left().length, parts, 'what it left behind stops no later start')
  await next.stop()
})
