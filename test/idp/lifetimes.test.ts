import { writeFileSync } from 'node:fs'
import { ConfigError } from '@gatehouse/kit/config/fault'
import { loadConfig } from '@gatehouse/kit/config/load'
import t from 'tap'
import { stringify } from 'yaml'
import { composeConfig } from '../harness/config.ts'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { isRecord, textField } from '../harness/json.ts'
import { clientAssertionOf, keyedClient, type KeyedClient } from './keyed-client.ts'
import { newTokens, tokenRequest } from './native.ts'

t.test('lives per client and per resource: the shortest counts', async (t) => {
  const grants = { grant_types: ['client_credentials'], redirect_uris: undefined }
  const quick = await keyedClient('quick', { ...grants, ttl: { accessToken: '30s' } })
  const usual = await keyedClient('usual', grants)
  const slow = await keyedClient('slow', { ...grants, ttl: { accessToken: '4m' } })
  const idp = {
    ttl: { accessToken: '5m', idToken: '90s', resources: { 'urn:gatehouse:api': '2m' } },
    clients: [quick, usual, slow].map(({ entry }) => entry),
  }
  const platform = await startPlatform({ only: ['idp'], t, config: stringify({ idp }) })
  const { issuer, gateway } = platform.config
  const life = async (client: KeyedClient, resource?: string): Promise<unknown> => {
    const answer: unknown = await (
      await tokenRequest(issuer, {
        grant_type: 'client_credentials',
        scope: 'orders:read',
        ...(resource === undefined ? {} : { resource }),
        ...(await clientAssertionOf(client, issuer)),
      })
    ).json()
    const { exp, iat } = jwtParts(textField(answer, 'access_token')).payload
    t.equal(isRecord(answer) && answer['expires_in'], Number(exp) - Number(iat), 'said and done')
    return Number(exp) - Number(iat)
  }
  t.equal(await life(usual), 120)
  t.equal(await life(usual, gateway.origin), 120, 'by another name of it, too')
  t.equal(await life(quick), 30)
  t.equal(await life(slow), 120)
  const { idToken } = await newTokens(platform)
  const { exp, iat } = jwtParts(idToken).payload
  t.equal(Number(exp) - Number(iat), 90)
})

t.test('ceilings are faults of the configuration, with their place', async (t) => {
  const client = {
    client_id: 'long',
    token_endpoint_auth_method: 'none',
    grant_types: ['refresh_token'],
    ttl: { accessToken: '6m', refreshToken: '30d', idToken: '1m' },
  }
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ ttl: { accessToken: '2h' } }, /2h is not a duration such as '5m', above zero, up to 1h/],
    [{ ttl: { code: '11m' } }, /up to 10m/],
    [{ ttl: { refreshToken: '367d' } }, /up to 366d/],
    [{ ttl: { interaction: '25h' } }, /up to 24h/],
    [
      { ttl: { resources: { 'urn:gatehouse:api': '6m' } } },
      /6m is longer than idp.ttl.accessToken, which is 5m/,
    ],
    [{ ttl: { resources: { 'urn:other': '1m' } } }, /there is no such resource/],
    [
      { clients: [client] },
      /6m is longer than idp.ttl.accessToken.*30d is longer than idp.ttl.refreshToken/s,
    ],
  ]
  for (const [idp, expected] of cases) {
    const file = `${t.testdir({})}/gatehouse.yaml`
    writeFileSync(file, composeConfig(stringify({ idp })))
    const load = () => loadConfig({ file, dataDir: t.testdirName, portBase: 3000, env: {} })
    const fault = faultOf(load)
    t.match(fault?.faults.map(({ message }) => message).join('\n') ?? '', expected)
    t.ok(fault?.faults.every(({ line, column }) => line > 1 && column > 1))
  }
})

function faultOf(load: () => unknown): ConfigError | undefined {
  try {
    load()
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}
