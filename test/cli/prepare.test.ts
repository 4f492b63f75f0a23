import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readClientKey } from '../../gateway/sessions/client-key.ts'
import { readPublicJwk } from '../../idp/bootstrap/jwk-file.ts'
import { runCli } from '../harness/run-cli.ts'

t.test('a data folder that cannot be made is said, and not waited for', async (t) => {
  for (const command of ['prepare', 'start']) {
    const ended = await runCli([command, '--data', '/proc/gatehouse/data'])
    t.match(ended, {
      code: 1,
      out: '',
      err: /the data folder \/proc\/gatehouse\/data cannot be used: no folder can be made there \(ENOENT\)\n.*GATEHOUSE_DATA/,
    })
  }
})

t.test('what stands in the way in a data folder is named', async (t) => {
  const dir = t.testdir({ logs: 'not a folder' })
  const ended = await runCli(['prepare', '--data', dir])
  t.match(ended, { code: 1, out: '', err: /there is a file of that name \(EEXIST, logs\)\n/ })
})

t.test('a damaged key of a client stays until it is removed, as those who need it say', async (t) => {
  const dir = t.testdir({ 'gateway-client.jwk.json': 'damaged' })
  const file = join(dir, 'gateway-client.jwk.json')
  const advice = /`prepare` make it where it is missing: remove it first/
  t.equal((await runCli(['prepare', '--data', dir])).code, 0)
  await t.rejects(readClientKey(file), { name: 'StartError', hint: advice })
  await t.rejects(readPublicJwk(file), { name: 'StartError', hint: advice })
  rmSync(file)
  t.equal((await runCli(['prepare', '--data', dir])).code, 0)
  await Promise.all([readClientKey(file), readPublicJwk(file)])
})
