import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import t from 'tap'
import { runCli } from '../harness/run-cli.ts'

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

function majorOf(path: string): number {
  const version = execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 5000 })
  return Number(/^v(\d+)/.exec(version)?.[1])
}
