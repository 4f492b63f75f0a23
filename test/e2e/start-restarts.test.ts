import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newPlace, startHouse } from '../harness/house.ts'
import { pidsIn } from '../harness/start-files.ts'

t.test('a part that dies is started again, and said', { timeout: 240_000 }, async (t) => {
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

t.test('a run.json that cannot be written takes nothing down', { timeout: 240_000 }, async (t) => {
  const place = await newPlace(t)
  const house = startHouse(t, place)
  await house.ready()
  const { orders = 0 } = pidsIn(place.dataDir)
  rmSync(join(place.dataDir, 'run.json'))
  mkdirSync(join(place.dataDir, 'run.json'))
  process.kill(orders, 'SIGKILL')
  await house.says(/run\.json could not be written: EISDIR/)
  await house.says(/orders is back/)
  t.equal((await house.stop()).code, 0)
  t.same(house.left(), [])
})

t.test(
  'a part whose log cannot be opened is tried again, and the others go on',
  { timeout: 240_000 },
  async (t) => {
    const place = await newPlace(t)
    const house = startHouse(t, place)
    await house.ready()
    // As where the disk has become read-only, for root as well.
    const logs = join(place.dataDir, 'logs')
    renameSync(logs, `${logs}.aside`)
    writeFileSync(logs, '')
    process.kill(pidsIn(place.dataDir)['orders'] ?? 0, 'SIGKILL')
    await house.says(/orders ended \(could not be started\): E[A-Z]+.*; starting it again in \d+ ms/)
    rmSync(logs)
    renameSync(`${logs}.aside`, logs)
    await house.says(/orders is back/)
    t.equal((await house.stop()).code, 0)
    t.same(house.left(), [])
  },
)
