import { execFile } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { showBadTokens } from '../harness/bad-tokens.ts'
import { root } from '../harness/sources.ts'
import { startStranger } from '../harness/stranger.ts'

const run = promisify(execFile)
// The first build on a machine fetches Spring.
t.setTimeout(300_000)

/** The program, built outside of the repository; undefined when it cannot be built here. */
async function build(dir: string): Promise<string | undefined> {
  try {
    await run('mvn', ['--version'])
    await run('javac', ['--version'])
    cpSync(join(root, 'docs/examples/java'), dir, { recursive: true })
    await run('mvn', ['-q', '-B', 'package'], { cwd: dir, timeout: 240_000 })
    return join(dir, 'target/ledger-1.jar')
  } catch (error) {
    t.comment(error instanceof Error ? error.message : 'failed')
    return undefined
  }
}

const program = await build(t.testdir())

const example = {
  name: 'ledger',
  command: 'java',
  args: ['-XX:TieredStopAtLevel=1', '-jar', program ?? ''],
  cwd: root,
  path: '/api/ledger',
}
const options = { skip: program === undefined && 'no JDK with Maven here, or not Spring' }

t.test('the Java example', options, async (t) => {
  const ledger = await startStranger({ t, ...example })
  t.same(await (await ledger.fetch('/api/ledger')).json(), { for: 'demo-machine', entries: [] })
  t.equal((await ledger.fetch('/api/ledger/elsewhere')).status, 403, 'what no route names')
  t.equal(await ledger.straight('gateway', '/api/ledger'), 401, 'no token')
  const authorization = `Bearer ${await ledger.platform.token()}`
  t.equal(await ledger.straight('gateway', '/api/ledger', { authorization }), 401, "the caller's own token")
})

t.test('it refuses what is no token for it', options, async (t) => {
  t.same(await showBadTokens({ t, ...example, scope: 'ledger:read' }), { good: 200, taken: [] })
})
