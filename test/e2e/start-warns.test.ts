import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createCa } from '@gatehouse/kit/mtls/ca'
import { newPlace, startHouse } from '../harness/house.ts'
import { root } from '../harness/sources.ts'

/** The example's configuration with an issuer that needs no nginx. */
function certified(dir: string, ca: string): string {
  const file = join(dir, 'gatehouse.yaml')
  const example = readFileSync(join(root, 'docs/examples/certification/gatehouse.yaml'), 'utf8')
  const text = example
    .replace(/^issuer: .*$/m, 'issuer: http://localhost:${port:1}')
    .replace('${home}/docs/examples/certification/ca.pem', ca)
  if (!text.includes(ca) || !text.includes('${port:1}')) throw new Error('the example is another one')
  writeFileSync(file, text)
  return file
}

t.test('the example for the certification suites starts, and says what it is', async (t) => {
  const place = await newPlace(t)
  const { certPem } = createCa({ trustDomain: 'suite.example', days: 1, now: new Date() })
  const dir = t.testdir({ 'ca.pem': certPem })
  const house = startHouse(t, {
    ...place,
    env: { GATEHOUSE_CONFIG: certified(dir, join(dir, 'ca.pem')) },
  })
  await house.ready()
  await house.says(/careful +idp: profile certification: .*for the certification suites only/)
  await house.stop()
})

t.test('the default configuration has nothing to warn of, but secrets that others may read', async (t) => {
  const place = await newPlace(t)
  const house = startHouse(t, place)
  await house.ready()
  await house.says(/logs .*\n/)
  t.notMatch(house.out, 'careful')
  await house.stop()
  chmodSync(join(place.dataDir, 'master.key'), 0o644)
  const again = startHouse(t, place)
  await again.ready()
  await again.says(
    /careful +idp, gateway, users, orders, inventory: others may .*master\.key.* chmod 600 .*\n/,
  )
  t.equal(again.out.split('careful').length, 2, 'once')
  await again.stop()
})
