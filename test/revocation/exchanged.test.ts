import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from '../idp/admin.ts'
import { withClientsConfig } from '../idp/keyed-client.ts'
import { newTokens, outcome, refresh, tokenRequest } from '../idp/native.ts'
import { Both } from './both.ts'

const secret = 'agent-secret-of-some-length-0123456789'
const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange'
const subject_token_type = 'urn:ietf:params:oauth:token-type:access_token'

const agent = (client_id: string) => ({
  entry: {
    client_id,
    client_secret: secret,
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: [grant_type],
    exchange_audiences: ['urn:gatehouse:api'],
    scope: 'orders:read',
  },
})

t.test('a token that was exchanged ends with every token that it came from', async (t) => {
  const platform = await startPlatform({ t, config: withClientsConfig([agent('agent'), agent('helper')]) })
  const { issuer } = platform.config
  const both = await Both.start(t, platform)
  const exchange = (subject_token: string, id: string) =>
    tokenRequest(issuer, { grant_type, subject_token, subject_token_type }, { id, secret })
  const exchanged = async (subject_token: string, id: string): Promise<string> =>
    textField(await (await exchange(subject_token, id)).json(), 'access_token')
  const { accessToken, refreshToken } = await newTokens(platform)
  const ofAgent = await exchanged(accessToken, 'agent')
  const ofHelper = await exchanged(ofAgent, 'helper')
  const refreshed = await (await refresh(issuer, refreshToken)).json()
  const another = await exchanged(textField(refreshed, 'access_token'), 'agent')
  const tokens = [ofAgent, ofHelper, another]
  for (const token of tokens) t.same(await both.answers({ token }), ['200', '200'])
  const body = new URLSearchParams({ client_id: 'demo-native', token: accessToken })
  t.equal((await fetch(new URL('/oauth/revoke', issuer), { method: 'POST', body })).status, 200)
  for (const token of [ofAgent, ofHelper]) {
    t.same(await both.refusal({ token }), ['401 invalid_token', '401 invalid_token'])
    t.equal(await outcome(await exchange(token, 'helper')), '400 invalid_request', 'nor is it exchanged on')
  }
  t.same(await both.answers({ token: another }), ['200', '200'], 'of a token that still counts')
})

t.test('a token that was exchanged ends with every client that it came from', async (t) => {
  const platform = await startPlatform({ t, config: withClientsConfig([agent('agent'), agent('helper')]) })
  const both = await Both.start(t, platform)
  const exchange = (subject_token: string, id: string) =>
    tokenRequest(platform.config.issuer, { grant_type, subject_token, subject_token_type }, { id, secret })
  const exchanged = async (subject_token: string, id: string): Promise<string> =>
    textField(await (await exchange(subject_token, id)).json(), 'access_token')
  const { accessToken } = await newTokens(platform)
  const ofAgent = await exchanged(accessToken, 'agent')
  const ofHelper = await exchanged(ofAgent, 'helper')
  const straight = await exchanged(accessToken, 'helper')
  for (const token of [ofAgent, ofHelper, straight]) t.same(await both.answers({ token }), ['200', '200'])
  const admin = await Admin.of(platform)
  t.equal((await admin.send('DELETE', '/clients/agent')).status, 204)
  const gone = ['401 invalid_token', '401 invalid_token']
  t.same(await both.refusal({ token: ofHelper }), gone, 'by way of an agent that is gone')
  t.equal(await outcome(await exchange(ofHelper, 'helper')), '400 invalid_request')
  t.same(await both.answers({ token: straight }), ['200', '200'], 'not by way of it')
  t.equal((await admin.send('DELETE', '/clients/demo-native')).status, 204)
  t.same(await both.refusal({ token: straight }), gone, 'of an application that is gone')
})
