import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { composeConfig } from '../harness/config.ts'
import { runCli } from '../harness/run-cli.ts'
import { root } from '../harness/sources.ts'

t.test('the default configuration is valid', async (t) => {
  const { code, out, err } = await runCli(['check'])
  t.match(out, /gatehouse\.yaml is valid: \d+ routes, \d+ upstreams, \d+ edges\n$/)
  t.same([code, err], [0, ''])
  const json = await runCli(['check', '--json'])
  t.match(JSON.parse(json.out), { event: 'valid', routes: Number, upstreams: Number, edges: Number })
})

t.test('all faults at once, each with its place and the nearest word', async (t) => {
  const file = join(t.testdir({}), 'broken.yaml')
  writeFileSync(
    file,
    `${composeConfig('gateway: { limits: { body: 12 parsecs } }')}\nissuerr: x\nedgess: []\n`,
  )
  const { code, out, err } = await runCli(['check', '--config', file])
  t.same([code, out], [1, ''])
  t.match(err, /broken\.yaml:\d+:\d+ .*issuer/)
  t.match(err, /broken\.yaml:\d+:\d+ .*did you mean 'edges'/)
  t.match(err, /broken\.yaml:\d+:\d+ gateway\.limits\.body.*/)
  const json: unknown = JSON.parse((await runCli(['check', '--json', '--config', file])).out)
  t.match(json, {
    event: 'failed',
    faults: [{ line: Number, column: Number, path: String, message: String }],
  })
})

t.test('a file that is not there', async (t) => {
  const { code, err } = await runCli(['check', '--config', '/nowhere/gatehouse.yaml'])
  t.equal(code, 1)
  t.match(err, /\/nowhere\/gatehouse\.yaml cannot be read \(ENOENT\)\n.*--config.*GATEHOUSE_CONFIG/)
  t.notMatch(err, /at .*:\d+:\d+\)/, 'no stack')
})

t.test(
  'what cannot be printed is a failure in two lines: a secret that is shown once would be lost',
  { skip: !existsSync('/dev/full') && 'no /dev/full here' },
  async (t) => {
    const full = openSync('/dev/full', 'w')
    const run = (stderr: 'pipe' | number) => {
      const child = spawn(process.execPath, [join(root, 'cli/bin.mjs'), 'check'], {
        cwd: root,
        stdio: ['ignore', full, stderr],
      })
      let err = ''
      child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')))
      return once(child, 'close').then(([code]) => ({ code: Number(code), err }))
    }
    const said = 'gatehouse: what this command had to say could not be written (ENOSPC)\n'
    t.same(await run('pipe'), {
      code: 1,
      err: `${said}  make room where its output goes, and look at what it has done\n`,
    })
    t.equal((await run(full)).code, 1)
    closeSync(full)
  },
)
