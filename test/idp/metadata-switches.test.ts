import { writeFileSync } from 'node:fs'
import { ConfigError } from '@gatehouse/kit/config/fault'
import { loadConfig } from '@gatehouse/kit/config/load'
import t from 'tap'
import { composeConfig } from '../harness/config.ts'
import { isRecord, startPlatform } from '../harness/index.ts'
import { keyedClient, requestObject, withClientsConfig } from './keyed-client.ts'
import { authorizeUrl, newPkce } from './native.ts'
import { Person } from './person.ts'

async function metadataOf(issuer: string): Promise<Readonly<Record<string, unknown>>> {
  const document: unknown = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
  if (!isRecord(document)) throw new Error('no metadata')
  return document
}

t.test('each switch changes what the metadata say, and what is so', async (t) => {
  const client = await keyedClient('by-value')
  const plain = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client]) })
  const before = await metadataOf(plain.config.issuer)
  const switches = { profile: 'certification', registration: { who: 'anyone' } }
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client], switches) })
  const { issuer } = platform.config
  const after = await metadataOf(issuer)

  await t.test('registration', async (t) => {
    t.equal(before['registration_endpoint'], undefined)
    t.equal(after['registration_endpoint'], `${issuer}/oauth/register`)
    t.equal((await fetch(`${plain.config.issuer}/oauth/register`, { method: 'POST' })).status, 404)
  })

  await t.test(
    'the certification profile: more response types, more algorithms of clients, and a warning',
    async (t) => {
      t.same(before['response_types_supported'], ['code'])
      t.match(after['response_types_supported'], ['code'])
      t.ok(JSON.stringify(after['response_types_supported']).includes('code id_token'))
      t.same(before['request_object_signing_alg_values_supported'], ['ES256'])
      t.same(after['request_object_signing_alg_values_supported'], ['ES256', 'PS256', 'RS256'])
      t.ok(
        platform.logs('idp').some((line) => line.includes('profile certification')),
        'it says so at start',
      )
      t.notOk(plain.logs('idp').some((line) => line.includes('profile certification')))
    },
  )

  await t.test('request objects by value are taken under it only', async (t) => {
    for (const [at, taken] of [
      [plain.config.issuer, false],
      [issuer, true],
    ] as const) {
      const url = new URL('/oauth/authorize', at)
      url.searchParams.set('client_id', client.id)
      const claims = {
        response_type: 'code',
        redirect_uri: 'https://by-value.example/cb',
        scope: 'openid',
        code_challenge: newPkce().challenge,
        code_challenge_method: 'S256',
      }
      url.searchParams.set('request', await requestObject(client, at, claims))
      const location = (await new Person().open(url)).headers.get('location') ?? ''
      t.equal(location.startsWith('/interaction/'), taken, location)
    }
  })

  t.test('PKCE stays for public clients', async (t) => {
    const without = { code_challenge: undefined, code_challenge_method: undefined, nonce: 'n' }
    const answer = await new Person().open(authorizeUrl(issuer, newPkce(), without))
    t.match(answer.headers.get('location') ?? '', /error=invalid_request/)
  })
})

t.test('production refuses the certification profile', async (t) => {
  const file = `${t.testdir({})}/gatehouse.yaml`
  writeFileSync(file, composeConfig('idp: { profile: certification, demo: false }'))
  const refusal = faultsOf(() =>
    loadConfig({ file, dataDir: t.testdirName, portBase: 3000, env: { NODE_ENV: 'production' } }),
  )
  t.match(refusal, /certification switches on what is advised against/)
})

function faultsOf(load: () => unknown): string {
  try {
    load()
    return 'none'
  } catch (error) {
    return error instanceof ConfigError ? JSON.stringify(error.faults) : String(error)
  }
}
