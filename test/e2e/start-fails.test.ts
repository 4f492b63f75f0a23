import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import t from 'tap'
import { type House, newPlace, startHouse } from '../harness/house.ts'
import { root } from '../harness/sources.ts'

t.test('a port that is in use', async (t) => {
  const place = await newPlace(t)
  const squatter = createServer()
  await new Promise<void>((resolve) => squatter.listen(place.portBase + 443, '127.0.0.1', resolve))
  t.teardown(() => squatter.close())
  const house = startHouse(t, place)
  await failsWith(
    t,
    house,
    new RegExp(`port not available: ${place.portBase + 443} for gateway \\(in use\\)`),
  )
  t.match(house.err, /GATEHOUSE_PORT_BASE/)
  t.notOk(existsSync(place.dataDir), 'the data folder was not even made')
})

t.test('a data folder that cannot be written', async (t) => {
  const place = await newPlace(t)
  // Below a file nobody can make a folder, not even root.
  const file = join(dirname(place.dataDir), 'file')
  writeFileSync(file, '')
  const house = startHouse(t, { ...place, dataDir: join(file, 'data') })
  await failsWith(t, house, /cannot write to the data folder .*file\/data \(ENOTDIR\)/)
  t.match(house.err, /GATEHOUSE_DATA/)
})

t.test('a broken configuration', async (t) => {
  const place = await newPlace(t)
  const config = join(dirname(place.dataDir), 'gatehouse.yaml')
  writeFileSync(
    config,
    readFileSync(join(root, 'gatehouse.yaml'), 'utf8').replace('upstreams:', 'upstreems:'),
  )
  const house = startHouse(t, { ...place, env: { GATEHOUSE_CONFIG: config } })
  await failsWith(t, house, /gatehouse\.yaml:\d+:1 upstreems: .*did you mean 'upstreams'/)
  t.notOk(existsSync(place.dataDir))
})

t.test('a second one on the same data folder', { timeout: 90_000 }, async (t) => {
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

t.test('a part that cannot start takes the others down with it', { timeout: 90_000 }, async (t) => {
  const place = await newPlace(t)
  const first = startHouse(t, place)
  await first.ready()
  await first.stop()
  writeFileSync(join(place.dataDir, 'orders.sqlite'), 'this is no database, and long enough to be looked at')
  const house = startHouse(t, place)
  await failsWith(t, house, /^gatehouse: orders did not start: .+/)
  t.notOk(existsSync(join(place.dataDir, 'run.json')))
})

async function failsWith(t: Tap, house: House, expected: RegExp): Promise<void> {
  const { code } = await house.exited
  t.equal(code, 1)
  t.match(house.err, expected)
  t.equal(house.out, '')
  t.ok(house.err.trim().split('\n').length <= 10, `short: ${house.err}`)
  t.notMatch(house.err, /\n\s+at /, 'no stack')
  t.same(house.left(), [], 'nothing runs')
}

type Tap = Pick<typeof t, 'equal' | 'match' | 'notMatch' | 'ok' | 'same'>
