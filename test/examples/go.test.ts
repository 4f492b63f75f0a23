import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { showBadTokens } from '../harness/bad-tokens.ts'
import { root } from '../harness/sources.ts'
import { startStranger } from '../harness/stranger.ts'

const run = promisify(execFile)
// The first build on a machine compiles Go's own library, too.
t.setTimeout(240_000)

/** Undefined when it cannot be built here. */
async function build(dir: string): Promise<string | undefined> {
  try {
    await run('go', ['version'])
    const program = join(dir, 'harbour')
    await run('go', ['build', '-o', program, '.'], { cwd: join(root, 'docs/examples/go'), timeout: 200_000 })
    return program
  } catch (error) {
    t.comment(error instanceof Error ? error.message : 'failed')
    return undefined
  }
}

const program = await build(t.testdir())

const example = {
  name: 'harbour',
  command: program ?? '',
  args: [],
  cwd: root,
  path: '/api/harbour',
}
const options = { skip: program === undefined && 'no go here, or not its module' }

t.test('the Go example', options, async (t) => {
  const harbour = await startStranger({ t, ...example })
  t.same(await (await harbour.fetch('/api/harbour')).json(), { for: 'demo-machine', tide: 'high' })
  t.equal(await harbour.straight('gateway', '/api/harbour'), 401, 'no token')
  const authorization = `Bearer ${await harbour.platform.token()}`
  t.equal(await harbour.straight('gateway', '/api/harbour', { authorization }), 401, "the caller's own token")
})

t.test('it refuses what is no token for it', options, async (t) => {
  t.same(await showBadTokens({ t, ...example, scope: 'harbour:read' }), { good: 200, taken: [] })
})
