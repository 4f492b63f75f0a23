import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { runCli } from '../harness/run-cli.ts'
import { root } from '../harness/sources.ts'

const candidates = ['/usr/bin/node', '/usr/local/bin/node']
const old = candidates.find((path) => existsSync(path) && majorOf(path) < 24)
const skip = old === undefined && 'this machine has no Node older than 24'

t.test('an older Node says what is needed, and what to do', { skip }, async (t) => {
  const { code, out, err } = await runCli(['start'], { node: old ?? '' })
  t.equal(code, 1)
  t.equal(out, '')
  t.match(err, /^gatehouse: Node 24 or newer is needed, this is Node \d+/)
  t.match(err, /npm ci/)
  t.notMatch(err, /SyntaxError|at .*:\d+:\d+/, 'no stack')
})

t.test('so does one that has nothing of what npm ci installs', async (t) => {
  // Elsewhere: Node looks for packages in the folders above, too.
  const elsewhere = mkdtempSync(join(tmpdir(), 'gatehouse-bare-'))
  t.teardown(() => rmSync(elsewhere, { recursive: true, force: true }))
  for (const part of ['cli', 'package.json'])
    cpSync(join(root, part), join(elsewhere, part), { recursive: true })
  for (const words of [['start'], ['check', '--json']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['cli/bin.mjs', ...words], {
      cwd: elsewhere,
      env: {},
      encoding: 'utf8',
    })
    t.equal(status, 1)
    t.equal(stdout, '')
    t.match(stderr, /^gatehouse: Cannot find package '\S+'.*\n {2}`npm ci` installs .*\n$/)
  }
})

function majorOf(path: string): number {
  const version = execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 5000 })
  return Number(/^v(\d+)/.exec(version)?.[1])
}
