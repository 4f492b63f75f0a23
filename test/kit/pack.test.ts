import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { root } from '../harness/sources.ts'
import { startStranger } from '../harness/stranger.ts'

const execute = promisify(execFile)
/** Without what tap puts into the environment of Node's programs: its hooks keep tsc from starting. */
const bare = ['-i', `PATH=${process.env['PATH'] ?? ''}`, `HOME=${process.env['HOME'] ?? ''}`]
const run = (command: string, args: readonly string[], cwd?: string) =>
  execute('env', [...bare, command, ...args], { cwd })
t.setTimeout(120_000)

const page = readFileSync(join(root, 'docs/services.md'), 'utf8')
/** The service of the five-minute guide, as it stands there. */
const service = (/```ts\n(.*?)```/s.exec(page)?.[1] ?? '').replaceAll(/^ {3}/gm, '')

const tsconfig = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    typeRoots: [join(root, 'node_modules/@types')],
    types: ['node'],
  },
  files: ['service.ts'],
}

t.test("a stranger's project: the packed kit, a short service, one upstream and its routes", async (t) => {
  t.ok(service.trim().split('\n').length <= 20, 'it is short')
  const dir = t.testdir({
    'package.json': JSON.stringify({ name: 'parcels', version: '1.0.0', type: 'module', private: true }),
    'tsconfig.json': JSON.stringify(tsconfig),
    'service.ts': service,
  })
  const node = (file: string, ...args: string[]) => run(process.execPath, [join(root, file), ...args], dir)
  await node('kit/pack.ts', dir)
  const install = [
    'install',
    '--prefer-offline',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  await run('npm', [...install, './gatehouse-kit-0.1.0.tgz'], dir)
  await node('node_modules/typescript/bin/tsc', '-p', dir)
  const installed = JSON.parse(readFileSync(join(dir, 'node_modules/@gatehouse/kit/package.json'), 'utf8'))
  t.same(Object.keys(installed.dependencies), ['fastify', 'pino', 'undici'])

  const args = ['service.ts']
  const parcels = await startStranger({
    t,
    name: 'parcels',
    command: process.execPath,
    args,
    cwd: dir,
    path: '/api/parcels',
  })
  const answer = await parcels.fetch('/api/parcels')
  t.match(await answer.json(), [{ id: '1', owner: 'demo-machine' }])
  t.equal((await parcels.fetch('/api/parcels/1')).status, 403, 'the route was told another scope')
  t.equal((await parcels.platform.fetch('/api/parcels')).status, 401)
  t.equal(await parcels.straight('gateway', '/api/parcels'), 401, 'a certificate without a token')
  const token = await parcels.platform.token()
  t.equal(await parcels.straight('orders', '/api/parcels', { authorization: `Bearer ${token}` }), 401)
})

t.test('every entry of the package can be imported, if what it wants is there', async (t) => {
  const dir = t.testdir({ 'package.json': '{"type":"module"}' })
  await run(process.execPath, [join(root, 'kit/pack.ts'), dir])
  await run('tar', ['xzf', 'gatehouse-kit-0.1.0.tgz'], dir)
  const { exports } = JSON.parse(readFileSync(join(dir, 'package/package.json'), 'utf8'))
  const files = Object.values(exports).map((entry) => `./package/${String(Object(entry).default)}`)
  t.ok(files.length > 10)
  writeFileSync(join(dir, 'all.mjs'), files.map((file) => `await import('${file}')`).join('\n'))
  await run('ln', ['-s', join(root, 'node_modules'), 'node_modules'], dir)
  await t.resolves(run(process.execPath, ['all.mjs'], dir))
})
