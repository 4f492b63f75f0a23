import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
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

t.test('the Go example', { skip: program === undefined && 'no go here, or not its module' }, async (t) => {
  const harbour = await startStranger({
    t,
    name: 'harbour',
    command: program ?? '',
    args: [],
    cwd: root,
    path: '/api/harbour',
  })
  t.same(await (await harbour.fetch('/api/harbour')).json(), { for: 'demo-machine', tide: 'high' })
  t.equal(await harbour.straight('gateway', '/api/harbour'), 401, 'no token')
  const authorization = `Bearer ${await harbour.platform.token()}`
  t.equal(await harbour.straight('gateway', '/api/harbour', { authorization }), 401, "the caller's own token")
})
