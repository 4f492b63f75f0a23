import { Metrics } from '@gatehouse/kit/metrics'
import { loadConfig } from '@gatehouse/kit/config/load'
import type { Config } from '@gatehouse/kit/config/types'
import { createLogger } from '@gatehouse/kit/log'
import { join } from 'node:path'
import t from 'tap'
import { Reloader } from '../../gateway/reload/reloader.ts'
import { root } from '../harness/sources.ts'

const config = loadConfig({ file: join(root, 'gatehouse.yaml'), dataDir: '/tmp', portBase: 3000, env: {} })
const without = (route: number): Config => ({ ...config, routes: config.routes.toSpliced(route, 1) })

function reloaderOf() {
  const loads: ((config: Config) => void)[] = []
  const applied: Config[] = []
  const reloader = new Reloader({
    config,
    load: () => new Promise((resolve) => loads.push(resolve)),
    prepare: (next) => ({ commit: () => void applied.push(next) }),
    log: createLogger({ name: 'test', level: 'silent' }),
    metrics: new Metrics(),
  })
  return { reloader, loads, applied }
}

const turns = async (): Promise<void> => {
  for (let at = 0; at < 10; at++) await Promise.resolve()
}

t.test('what is read later is taken over later, and read once for all that wait', async (t) => {
  const { reloader, loads, applied } = reloaderOf()
  const first = reloader.reload('file')
  await turns()
  const second = reloader.reload('signal')
  t.equal(reloader.reload('file'), second, 'one that has not begun reads for both')
  await turns()
  t.equal(loads.length, 1, 'the second waits for the first')
  loads[0]?.(without(0))
  t.equal(await first, 'applied')
  await turns()
  loads[1]?.(without(1))
  t.equal(await second, 'applied')
  t.same(applied, [without(0), without(1)])
  t.equal(loads.length, 2)
})

t.test('a gateway that is closed meanwhile takes nothing over', async (t) => {
  const { reloader, loads, applied } = reloaderOf()
  const reloading = reloader.reload('file')
  await turns()
  reloader.close()
  loads[0]?.(without(0))
  t.equal(await reloading, 'unchanged')
  t.same(applied, [])
})
