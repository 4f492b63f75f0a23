import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { textField } from '../harness/json.ts'
import { runCli } from '../harness/run-cli.ts'
import { cliFor, jsonLines } from './admin.ts'

t.test('clients: made with a secret that works, listed, changed, deleted', async (t) => {
  const { platform, cli } = await cliFor(t)
  const made = await cli('clients create robot --scope orders:read --json')
  t.match(made, { code: 0, err: '' })
  const secret = textField(jsonLines(made)[0], 'client_secret')
  const ask = async () => {
    const response = await fetch(new URL('/oauth/token', platform.config.issuer), {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`robot:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    await response.body?.cancel()
    return response.status
  }
  t.equal(await ask(), 200)
  t.match(await cli('clients list --limit 2'), {
    out: /^client id +client name.*\ndemo-machine +.*\ndemo-machine-jwt/,
    err: 'there are more: --after demo-machine-jwt\n',
  })
  t.match(jsonLines(await cli('clients --q robot --json')), [{ event: 'client', client_id: 'robot' }])
  t.match((await cli('clients update robot --name Robi')).out, /client_name: Robi\n/)
  t.match(await cli('clients create robot'), { code: 1, err: /there is a client of this id\n.*conflict/ })
  t.match(await cli('clients create other --type desktop'), { code: 1, err: /\/application_type/ })
  t.equal((await cli('clients delete robot')).code, 0)
  t.equal(await ask(), 401)
  t.match(await cli('clients show robot --json'), { code: 1, out: /"event":"failed"/ })
})

t.test('clients: what is not understood', async (t) => {
  const { platform, cli } = await cliFor(t)
  t.match(await cli('clients lst'), { code: 2, err: /did you mean 'list'/ })
  t.match(await cli('clients show'), { code: 2, err: /takes one <client_id>/ })
  t.match(await cli('clients show a b'), { code: 2, err: /takes one <client_id>/ })
  t.match(await cli('clients update demo-native'), { code: 2, err: /at least one of --name, .*--metadata/ })
  const empty = join(platform.paths.dir, 'empty.json')
  await writeFile(empty, '{}')
  t.equal((await cli(`clients update demo-native --metadata ${empty}`)).code, 2)
  t.notMatch((await cli('audit list --json')).out, /client.updated/, 'nothing was done')
})

t.test('what is done ends with 0 for whoever started it, with --json and without', async (t) => {
  const { platform } = await cliFor(t)
  const { dir } = platform.paths
  const env = {
    GATEHOUSE_DATA: dir,
    GATEHOUSE_PORT_BASE: String(platform.portBase),
    GATEHOUSE_CONFIG: join(dir, 'gatehouse.yaml'),
  }
  const lines = [
    'clients show gateway',
    'clients show gateway --json',
    'clients rotate-secret demo-machine --json',
    'accounts show alice --json',
    'grants list --json',
  ]
  for (const line of lines) {
    const ended = await runCli(line.split(' '), { env })
    t.equal(ended.code, 0, line)
    t.match(ended.err, /^(none\n)?$/)
  }
})
