import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '@gatehouse/kit/clock'
import { ConfigError, loadConfig } from '@gatehouse/kit/config/load'
import { createLogger } from '@gatehouse/kit/log'
import { dataPaths } from '@gatehouse/kit/paths'
import { prepareDataFolder } from '@gatehouse/kit/prepare'
import { MasterKey } from '@gatehouse/kit/secrets'
import { publicApp } from '../../gateway/app.ts'
import { openDeps } from '../../gateway/deps.ts'
import { composeConfig } from '../harness/config.ts'
import { freePortBase } from '../harness/ports.ts'

const withPush = `
revocation:
  transmitters: [{ id: risk, issuer: 'https://risk.example', jwks: 'https://risk.example/jwks', audience: 'https://us.example', push: true }]
`

interface Served {
  /** What the public door serves itself, by method. */
  readonly paths: readonly (readonly [method: string, path: string])[]
  /** Whether the configuration takes a route for this. */
  readonly isFree: (method: string, path: string) => boolean
}

/** The public door of a configuration; nothing listens. */
async function served(t: Test, more: string): Promise<Served> {
  const dir = mkdtempSync(join(tmpdir(), 'gatehouse-own-paths-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const file = join(dir, 'gatehouse.yaml')
  const portBase = await freePortBase()
  const load = (text: string) => {
    writeFileSync(file, composeConfig(text))
    return loadConfig({ file, dataDir: dir, portBase, env: {} })
  }
  const config = load(more)
  const paths = dataPaths(dir)
  prepareDataFolder(paths, config, { production: false, clock: systemClock })
  const log = createLogger({ name: 'gateway', level: 'silent' })
  const masterKey = MasterKey.fromFile(paths.masterKey)
  await using opened = new AsyncDisposableStack()
  const ctx = { config, paths, clock: systemClock, log, masterKey, production: false }
  const { app, own } = await publicApp(await openDeps(ctx, opened, () => () => undefined))
  opened.defer(() => app.close())
  await app.ready()
  return {
    paths: own.all,
    isFree(method, path) {
      const route = `{ id: theirs, match: { path: '${path}', methods: [${method}] }, authn: none, upstream: users }`
      try {
        load(`${more}routes: [${route}]\n`)
        return true
      } catch (error) {
        if (error instanceof ConfigError) return false
        throw error
      }
    },
  }
}

for (const [what, more] of [
  ['of itself', ''],
  ['where events are pushed to it', withPush],
  ['without a description', 'gateway: { describe: false }\n'],
] as const) {
  t.test(`what the gateway serves ${what} is no place for a route`, async (t) => {
    const { paths, isFree } = await served(t, more)
    t.ok(paths.length > 10, 'there is something to look at')
    t.ok(isFree('POST', '/theirs/risk'), 'and routes are taken otherwise')
    // What is only read may be written to by a route, and HEAD goes with GET.
    for (const [method, path] of paths) {
      if (method !== 'HEAD') t.notOk(isFree(method, path), `${method} ${path}`)
    }
  })
}

t.test('a place is kept for what is served there, and no longer', async (t) => {
  t.ok((await served(t, '')).isFree('POST', '/events/push/risk'))
  t.ok((await served(t, '')).isFree('POST', '/shop/orders'))
})
