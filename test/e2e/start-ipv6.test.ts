import { writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { composeConfig } from '../harness/config.ts'
import { newPlace, startHouse } from '../harness/house.ts'
import { runCli } from '../harness/run-cli.ts'
import { readDataFile } from '../harness/start-files.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)

t.test('admin listeners on an address of IPv6', { skip: !hasIpv6 && 'no ::1 here' }, async (t) => {
  const { dataDir, portBase } = await newPlace(t)
  const config = join(dirname(dataDir), 'gatehouse.yaml')
  const admin = (offset: number) => `admin: { host: '::1', port: '\${port:${offset}}' }`
  writeFileSync(config, composeConfig(`{ gateway: { ${admin(90)} }, idp: { ${admin(91)} } }`))
  const env = { GATEHOUSE_CONFIG: config, GATEHOUSE_DATA: dataDir, GATEHOUSE_PORT_BASE: String(portBase) }
  t.match(await runCli(['explain', 'GET', '/', '--as', 'x'], { env }), {
    code: 1,
    err: `gatehouse: no gateway runs at http://[::1]:${portBase + 90}`,
  })
  const house = startHouse(t, { dataDir, portBase, env })
  await house.ready()
  t.match(readDataFile(dataDir, 'run.json'), {
    gateway: { admin: `http://[::1]:${portBase + 90}` },
    idp: { admin: `http://[::1]:${portBase + 91}` },
  })
  t.match(await runCli(['explain', 'GET', '/healthz', '--as', 'x'], { env }), {
    out: /^GET localhost/,
    err: '',
  })
  t.match(await runCli(['accounts'], { env }), { code: 0, out: /alice/ })
  await house.stop()
})
