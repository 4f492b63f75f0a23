import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { failsWith } from '../harness/fails-with.ts'
import { newPlace, startHouse } from '../harness/house.ts'

t.test('a second one on the same data folder', { timeout: 240_000 }, async (t) => {
  const place = await newPlace(t)
  const first = startHouse(t, place)
  await first.ready()
  const elsewhere = await newPlace(t)
  const second = startHouse(t, { dataDir: place.dataDir, portBase: elsewhere.portBase })
  const { code } = await second.exited
  t.equal(code, 1)
  t.match(second.err, /^gatehouse: another Gatehouse runs on the data folder .*gateway \d+/)
  t.equal(first.child.exitCode, null, 'the first one did not notice')
  t.ok(existsSync(join(place.dataDir, 'run.json')), 'and kept its run.json')
  await first.stop()
})

t.test('a part that cannot start takes the others down with it', { timeout: 240_000 }, async (t) => {
  const place = await newPlace(t)
  const first = startHouse(t, place)
  await first.ready()
  await first.stop()
  writeFileSync(join(place.dataDir, 'orders.sqlite'), 'this is no database, and long enough to be looked at')
  const house = startHouse(t, place)
  await failsWith(t, house, /^gatehouse: orders did not start: .+/)
  t.notOk(existsSync(join(place.dataDir, 'run.json')))
})
