import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { showBadTokens } from '../harness/bad-tokens.ts'
import { root } from '../harness/sources.ts'
import { startStranger } from '../harness/stranger.ts'

const run = promisify(execFile)
t.setTimeout(120_000)

/** What the example says to install, in a folder of the test's own; undefined when it cannot be had. */
async function packages(dir: string): Promise<string | undefined> {
  try {
    await run('python3', ['-c', 'import sys; assert sys.version_info >= (3, 9)'])
    await run('python3', ['-m', 'pip', 'install', '-q', '--target', dir, 'PyJWT==2.10.1', 'cryptography'], {
      timeout: 110_000,
    })
    await run('python3', ['-c', 'import jwt, cryptography'], { env: { ...process.env, PYTHONPATH: dir } })
    return dir
  } catch {
    return undefined
  }
}

const installed = await packages(t.testdir())
if (installed === undefined) t.comment('python3 with pip, or what it should install, is not here')

const example = {
  name: 'weather',
  command: 'python3',
  args: ['service.py'],
  cwd: join(root, 'docs/examples/python'),
  env: { PYTHONPATH: installed ?? '', PYTHONDONTWRITEBYTECODE: '1' },
  path: '/api/weather',
}
const options = { skip: installed === undefined && 'no python3 with PyJWT here' }

t.test('the Python example', options, async (t) => {
  const weather = await startStranger({ t, ...example })
  t.same(await (await weather.fetch('/api/weather')).json(), { for: 'demo-machine', sky: 'clear' })
  t.equal((await weather.fetch('/api/weather/elsewhere')).status, 403, 'another scope')
  t.equal(await weather.straight('gateway', '/api/weather'), 401, 'no token')
  const authorization = `Bearer ${await weather.platform.token()}`
  t.equal(await weather.straight('gateway', '/api/weather', { authorization }), 401, "the caller's own token")
})

t.test('it refuses what is no token for it', options, async (t) => {
  t.same(await showBadTokens({ t, ...example, scope: 'weather:read' }), { good: 200, taken: [] })
})
