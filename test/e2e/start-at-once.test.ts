import { join } from 'node:path'
import { readdirSync } from 'node:fs'
import t from 'tap'
import { newPlace, startHouse } from '../harness/house.ts'
import { freePortBase } from '../harness/ports.ts'
import { pidsIn } from '../harness/start-files.ts'

t.test('of two that start on one folder at the same moment one runs', { timeout: 240_000 }, async (t) => {
  const place = await newPlace(t)
  const houses = [place, { ...place, portBase: await freePortBase() }].map((each) => startHouse(t, each))
  const first = await Promise.any(houses.map(async (house) => (await house.ready(), house)))
  const [other] = houses.filter((house) => house !== first)
  const ended = await other?.exited
  t.equal(ended?.code, 1)
  t.match(
    other?.err,
    /^gatehouse: another Gatehouse starts or runs on the data folder .*\n.*GATEHOUSE_DATA.*\n$/,
  )
  t.equal(other?.out, '')
  t.equal(Object.keys(pidsIn(place.dataDir)).length, 5, 'run.json is of the one that runs')
  t.same(
    readdirSync(join(place.dataDir, 'logs')).filter((name) => name.endsWith('.1')),
    [],
    'nor were its logs put aside',
  )
  t.equal((await first.stop()).code, 0)
})
