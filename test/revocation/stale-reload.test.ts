import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '@gatehouse/kit/clock'
import { loadConfig } from '@gatehouse/kit/config/load'
import { fileSignatureNow } from '@gatehouse/kit/file-signature'
import { createLogger } from '@gatehouse/kit/log'
import { MasterKey } from '@gatehouse/kit/secrets'
import { start } from '../../gateway/start.ts'
import { composeConfig, patience } from '../harness/config.ts'
import { until } from '../harness/eventually.ts'
import type { Platform } from '../harness/index.ts'
import { LogLines } from '../harness/log-lines.ts'
import { behindProxy, startBehindProxy } from './behind-proxy.ts'

const guarded = [
  'users.me',
  'orders.list',
  'orders.create',
  'orders.read',
  'orders.events',
  'orders.cancel',
  'inventory.list',
  'inventory.set',
]

/** @param ordersList what the route does without news; all others serve, and one asks nobody who they are. */
function rules(ordersList: 'refuse' | 'serve'): string {
  const routes = guarded.map((id) => ({ id, whenStale: id === 'orders.list' ? ordersList : 'serve' }))
  const open = { id: 'open', match: { path: '/open', methods: ['GET'] }, authn: 'none', upstream: 'users' }
  return JSON.stringify({ revocation: { maxStaleness: '2s' }, routes: [...routes, open] })
}

/** The gateway of the platform, with a file that it follows. @returns changes that. */
async function followed(t: Test, platform: Platform, text: string): Promise<(text: string) => void> {
  await platform.stopPart('gateway')
  const { paths, portBase } = platform
  const file = join(t.testdir(), 'gatehouse.yaml')
  const write = (rest: string): void => writeFileSync(file, composeConfig(patience, behindProxy, rest))
  write(text)
  const load = () => loadConfig({ file, dataDir: paths.dir, portBase, env: {} })
  const gateway = await start({
    config: load(),
    paths,
    clock: systemClock,
    log: createLogger({ name: 'gateway', destination: new LogLines().destination('gateway') }),
    masterKey: MasterKey.fromFile(paths.masterKey),
    production: false,
    source: { file, signature: fileSignatureNow(file), lookEveryMs: 20, load: async () => load() },
  })
  t.teardown(() => gateway.stop())
  return write
}

t.test('who is ready without news is who serves without them, by the rules in force', async (t) => {
  const { platform, proxy } = await startBehindProxy(t)
  const admin = platform.url('gateway', 'admin')
  const change = await followed(t, platform, rules('serve'))
  const untilReadyIs = (status: number): Promise<void> =>
    until(async () => (await fetch(`${admin}/readyz`)).status === status, 30_000)
  await untilReadyIs(200)
  proxy.stall()
  await untilStale(admin)
  t.equal((await fetch(`${admin}/readyz`)).status, 200, 'all serve, or ask for nothing that could be stale')
  change(rules('refuse'))
  await untilReadyIs(503)
  change(rules('serve'))
  await untilReadyIs(200)
})

async function untilStale(admin: string): Promise<void> {
  const staleness = async (): Promise<number> => {
    const text = await (await fetch(`${admin}/metrics`)).text()
    return Number(/^gatehouse_revocation_staleness_seconds (\S+)$/m.exec(text)?.[1])
  }
  await until(async () => (await staleness()) > 2, 30_000)
}
