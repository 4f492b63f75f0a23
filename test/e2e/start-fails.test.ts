import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import t from 'tap'
import { failsWith } from '../harness/fails-with.ts'
import { newPlace, startHouse } from '../harness/house.ts'
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
  await failsWith(
    t,
    house,
    /the data folder .*file\/data cannot be used: a part of the path is a file \(ENOTDIR\)/,
  )
  t.match(house.err, /GATEHOUSE_DATA/)
})

t.test('a run.json that cannot be written', async (t) => {
  const place = await newPlace(t)
  mkdirSync(join(place.dataDir, 'run.json'), { recursive: true })
  await failsWith(t, startHouse(t, place), /the data folder .* cannot be used: .*\(EISDIR\)\n {2}.*\n$/)
  const left = readdirSync(place.dataDir).filter((name) => name.endsWith('.tmp'))
  t.same(left, [], 'no half of one is left')
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
