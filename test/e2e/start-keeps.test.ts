import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { newPlace, startHouse } from '../harness/house.ts'
import { pidsIn } from '../harness/start-files.ts'

t.test('a part that dies is started again, and said', { timeout: 90_000 }, async (t) => {
  const place = await newPlace(t)
  const house = startHouse(t, place)
  await house.ready()
  const before = pidsIn(place.dataDir)
  process.kill(before['orders'] ?? 0, 'SIGKILL')
  await house.says(/orders ended \(killed by SIGKILL\); starting it again in \d+ ms/)
  await house.says(/orders is back \(pid \d+, \d+ ms\)/)
  const after = pidsIn(place.dataDir)
  t.not(after['orders'], before['orders'])
  t.same({ ...after, orders: 0 }, { ...before, orders: 0 }, 'the others were left alone')
  t.equal((await house.stop()).code, 0)
  t.same(house.left(), [])
})

t.test('when start itself is killed, the parts notice', { timeout: 90_000 }, async (t) => {
  const place = await newPlace(t)
  const house = startHouse(t, place)
  await house.ready()
  const parts = house.left().length
  t.equal(parts, 6)
  await house.stop('SIGKILL')
  const deadline = performance.now() + 5000
  while (house.left().length > 0 && performance.now() < deadline) await sleep(50)
  t.same(house.left(), [])

  const next = startHouse(t, place)
  await next.ready()
  t.pass('what it left behind stops no later start')
  await next.stop()
})

t.test('told to stop while it starts', { timeout: 60_000 }, async (t) => {
  const place = await newPlace(t)
  const house = startHouse(t, place)
  while (house.left().length < 4) await sleep(5)
  const { code, ms } = await house.stop()
  t.equal(code, 0)
  t.ok(ms < 2000, `after ${Math.round(ms)} ms`)
  t.same(house.left(), [])
})
