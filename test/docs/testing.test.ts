import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { root } from '../harness/sources.ts'

const run = promisify(execFile)
const page = readFileSync(join(root, 'docs/testing.md'), 'utf8')
const harness = join(root, 'test/harness/index.ts')
const [withTap = '', withNode = '', ownService = ''] = [...page.matchAll(/```ts\n(.*?)```/gs)].map(
  ([, text = '']) => text.replace('../harness/index.ts', harness),
)
/** What the page's last example leaves to the reader. */
const asked = `import t from 'tap'
import { startPlatform } from '${harness}'
${ownService}
const answer = await platform.fetch('/api/invoices', { token: await platform.token() })
t.equal(answer.status, 200)
t.same(await answer.json(), { items: [], owner: 'demo-machine' })
`

for (const [name, text, args, passed] of [
  ['tap', withTap, [], /^ {4}1\.\.1$/m],
  ['node:test', withNode, ['--test', '--test-reporter=tap'], /^# pass 1$/m],
  ['a service of your own', asked, [], /^ok 2 /m],
] as const) {
  t.test(`the example that is shown for ${name}`, async (t) => {
    // Inside the repository, where the kit and tap are found.
    const file = join(t.testdir({ 'shown.test.ts': text }), 'shown.test.ts')
    const { PATH = '' } = process.env
    const { stdout } = await run('env', ['-i', `PATH=${PATH}`, process.execPath, ...args, file])
    t.match(stdout, passed)
  })
}

t.test('a platform has all that the page names', async (t) => {
  const platform = await startPlatform({ t, only: ['users'] })
  const named = [...page.matchAll(/\bplatform\.(\w+)/g)].map(([, name = '']) => name)
  t.ok(named.length > 10, `${named.length} names`)
  t.same(
    named.filter((name) => !(name in platform)),
    [],
  )
})
