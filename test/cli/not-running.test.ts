import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareClientKey } from '@gatehouse/kit/prepare/client-key'
import t from 'tap'
import { freePortBase } from '../harness/ports.ts'
import { cliFor, runHere } from './admin.ts'

t.test('nothing runs: one line says so, one what to do', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const env = { GATEHOUSE_DATA: dir, GATEHOUSE_PORT_BASE: String(await freePortBase()) }
  const keyless = await runHere(['keys'], env)
  t.match(keyless, { code: 1, out: '', err: /key of the command line cannot be read from .*cli-client/ })
  const key = join(dir, 'cli-client.jwk.json')
  mkdirSync(key)
  t.match(await runHere(['keys'], env), {
    code: 1,
    err: /data folder .* cannot be used: there is a folder in place of a file \(EISDIR\)\n/,
  })
  rmdirSync(key)
  prepareClientKey(key)
  const alone = await runHere(['keys'], env)
  t.match(alone, { code: 1, out: '', err: /nothing answers at http:\/\/localhost:\d+\n.*npm start/ })
  t.equal(alone.err.trimEnd().split('\n').length, 2, 'no stack')
})

t.test('the key of another house', async (t) => {
  const { platform, cli } = await cliFor(t)
  rmSync(platform.paths.cliClientKey)
  prepareClientKey(platform.paths.cliClientKey)
  t.match(await cli('accounts'), { code: 1, err: /does not know the key in .*\n.*--data/ })
})
