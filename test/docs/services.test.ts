import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { root } from '../harness/sources.ts'
import { configOf, startStranger } from '../harness/stranger.ts'

const read = (file: string) => readFileSync(join(root, file), 'utf8')
const page = read('docs/services.md')

t.test('the page shows the examples as they are run', async (t) => {
  const files = [
    'python/service.py',
    'go/main.go',
    'java/pom.xml',
    'java/src/main/java/com/example/ledger/LedgerApplication.java',
    'java/src/main/resources/application.yaml',
  ]
  for (const file of files) t.ok(page.includes(read(`docs/examples/${file}`).trimEnd()), file)
})

const run = promisify(execFile)
const blocks = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, text = '']) => text)
const from = (start: string) => blocks.find((text) => text.startsWith(start)) ?? ''
/** What the guide's service registers, with its data. */
const service = from(' ').replaceAll(/^ {3}/gm, '')
const data = /^const parcels = .*$/m.exec(service)?.[0] ?? ''
const register = /^ {2}register\(app\) \{\n(.*?)^ {2}\},$/ms.exec(service)?.[1] ?? ''
const parcels = `import { type FastifyInstance, ownedBy, Problem } from '@gatehouse/kit'
${data}
export function register(app: FastifyInstance) {
${register}}
`

for (const [name, start, args, passed] of [
  ['tap', 'import t from', [], /^ {4}1\.\.2$/m],
  ['node:test', 'import assert from', ['--test', '--test-reporter=tap'], /^# pass 1$/m],
] as const) {
  t.test(`the test that is shown for ${name}`, async (t) => {
    const shown = from(start)
    t.ok(shown.includes('FakeGateway'))
    // Inside the repository, where the kit and tap are found.
    const dir = t.testdir({ 'parcels.ts': parcels, 'shown.test.ts': shown })
    const file = join(dir, 'shown.test.ts')
    const { stdout } = await run('env', ['-i', process.execPath, ...args, file], { cwd: dir })
    t.match(stdout, passed)
  })
}

t.test('the service on node:https, as it is shown', async (t) => {
  const shown = from('import https from')
  const dir = t.testdir({})
  const behind = await startStranger({
    t,
    name: 'parcels',
    command: process.execPath,
    args: ['service.ts'],
    cwd: dir,
    path: '/api/parcels',
    config: (port) => {
      writeFileSync(join(dir, 'service.ts'), shown.replace('4010', String(port)))
      return configOf('parcels')(port)
    },
  })
  t.same(await (await behind.fetch('/api/parcels')).json(), { for: 'demo-machine' })
  t.equal((await behind.fetch('/api/parcels/1')).status, 403, 'another scope')
  t.equal(await behind.straight('gateway', '/api/parcels'), 401, 'no token')
})
