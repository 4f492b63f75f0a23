import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { isRecord } from '../harness/json.ts'
import { runCli } from '../harness/run-cli.ts'
import { root } from '../harness/sources.ts'

t.test(
  'the example for the plans of FAPI 2.0: a valid configuration, and the suite’s that fits',
  async (t) => {
    const folder = t.testdir({ 'credentials.json': '{"users":[{"username":"alice","password":"secret"}]}' })
    const run = (...words: readonly string[]): string =>
      execFileSync(process.execPath, [join(root, 'docs/examples/certification/fapi.mjs'), ...words], {
        env: { ...process.env, FAPI_FILES: folder },
        encoding: 'utf8',
      })
    const file = join(folder, 'fapi.yaml')
    writeFileSync(file, run('config'))
    const { code, err } = await runCli(['check'], { env: { GATEHOUSE_CONFIG: file } })
    t.equal(code, 0, err)
    const ours = new Map(clientsOf(parse(run('config'))))
    t.equal(ours.size, 12)
    const credentials = join(folder, 'credentials.json')
    for (const alias of [
      'key-dpop',
      'key-mtls',
      'mtls-mtls',
      'mtls-dpop',
      'key-dpop-signed',
      'mtls-mtls-signed',
    ]) {
      const suite: unknown = JSON.parse(run('suite', alias, 'openid', credentials))
      const client = isRecord(suite) ? suite['client'] : undefined
      if (!isRecord(client)) throw new Error('no client')
      t.same(ours.get(`${alias}-1`), firstKey(client['jwks']), alias)
    }
  },
)

function* clientsOf(config: unknown): Generator<readonly [unknown, unknown]> {
  const idp = isRecord(config) ? config['idp'] : undefined
  const clients = isRecord(idp) ? idp['clients'] : undefined
  if (!Array.isArray(clients)) return
  for (const client of clients)
    if (isRecord(client)) yield [client['client_id'], firstKey(JSON.parse(String(client['jwks'])))]
}

/** The public half, whatever is written. */
function firstKey(jwks: unknown): unknown {
  const keys = isRecord(jwks) ? jwks['keys'] : undefined
  const key: unknown = Array.isArray(keys) ? keys[0] : undefined
  if (!isRecord(key)) throw new Error('no key')
  return createPublicKey({ key: { ...key }, format: 'jwk' }).export({ format: 'jwk' })
}
