import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startService } from '@gatehouse/kit'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import { runHere } from '../cli/admin.ts'
import { until } from '../harness/eventually.ts'
import { jwtParts, type Platform, startPlatform } from '../harness/index.ts'
import { postgresFor } from '../harness/postgres.ts'
import { Both } from './both.ts'

/** The target is 100 ms at p99, on a machine that has nothing else to do; looks every 2 s took one second in the middle. */
const boundMs = 500
const rounds = 5

/** `inventory` behind the second gateway: it knows the keys that this one's door tells. */
async function inventoryBehind(t: Test, platform: Platform, door: string) {
  const { config, paths } = platform
  const context = await platform.workload('inventory', platform.config.services.inventory.listen)
  const seen: string[] = []
  const service = await startService({
    name: 'inventory',
    context: { ...context, door },
    register(app) {
      app.get('/api/inventory', { config: { guard: { scopes: ['inventory:read'] } } }, (request) => {
        seen.push(request.headers.authorization ?? '')
        return { items: [] }
      })
    },
  })
  t.teardown(() => service.stop())
  const pool = createMtlsClient({
    material: loadWorkload(paths.certs, config.trustDomain, 'gateway'),
    expected: spiffeId(config.trustDomain, 'inventory'),
    connectTimeoutMs: 15_000,
    origin: service.urls.url,
  })
  t.teardown(() => pool.destroy())
  const present = async (authorization: string): Promise<number> => {
    const answer = await pool.request({ method: 'GET', path: '/api/inventory', headers: { authorization } })
    await answer.body.dump()
    return answer.statusCode
  }
  return { seen, present }
}

async function retireByCli({ paths, portBase }: Platform, authorization: string) {
  const kid = String(jwtParts(authorization.slice('Bearer '.length)).header['kid'])
  const env = {
    GATEHOUSE_DATA: paths.dir,
    GATEHOUSE_PORT_BASE: String(portBase),
    GATEHOUSE_CONFIG: join(paths.dir, 'gatehouse.yaml'),
  }
  return runHere(['keys', 'retire', kid, '--emergency'], env)
}

async function refusedBehindTheOther(t: Test, config = '{}'): Promise<void> {
  const platform = await startPlatform({ t, only: ['idp', 'gateway'], config })
  const both = await Both.start(t, platform)
  const { seen, present } = await inventoryBehind(t, platform, both.second.internal)
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const token = await platform.token()
    await until(async () => (await platform.fetch('/api/inventory', { token })).ok)
    const presented = seen.at(-1) ?? ''
    t.equal(await present(presented), 200, 'what the key signs that signs now is taken')
    t.match(await retireByCli(platform, presented), { code: 0 })
    const since = performance.now()
    await until(async () => (await present(presented)) !== 200)
    times.push(Math.round(performance.now() - since))
    t.equal(await present(presented), 401)
  }
  // The one in the middle: whoever else has the core or the disk for a while slows down one of them.
  const middle = times.toSorted((a, b) => a - b)[(rounds - 1) / 2] ?? Infinity
  t.ok(middle < boundMs, `refused behind the other gateway after ${times.join(', ')} ms`)
}

t.test('SQLite: an internal key that is taken out at one gateway is refused behind the other', (t) =>
  refusedBehindTheOther(t),
)

t.test('PostgreSQL: the same', async (t) => {
  const postgres = await postgresFor(t)
  if (postgres === undefined) return
  await refusedBehindTheOther(t, `gateway: { store: '${await postgres.createDatabase()}' }`)
})
