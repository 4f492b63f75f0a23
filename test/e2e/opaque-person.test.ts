import t from 'tap'
import { stringify } from 'yaml'
import { until } from '../harness/eventually.ts'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from '../idp/admin.ts'
import { authorize, authorizeUrl, newPkce, tokenRequest } from '../idp/native.ts'

const redirect_uri = 'https://opaque.example/cb'
const client = {
  client_id: 'opaque-app',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  redirect_uris: [redirect_uri],
  scope: 'openid orders:read users:read',
  access_token_format: 'opaque',
}
const config = {
  gateway: { introspection: { endpoint: 'issuer', cache: '1h' } },
  idp: { clients: [client] },
}

t.test(
  'opaque tokens of people: whose they are, what roles they have, until the account is disabled',
  async (t) => {
    const platform = await startPlatform({ t, config: stringify(config) })
    const { issuer } = platform.config
    const tokenOf = async (username: string, scope = 'orders:read users:read'): Promise<string> => {
      const pkce = newPkce()
      const asked = { client_id: client.client_id, redirect_uri, scope }
      const { callback } = await authorize(platform, authorizeUrl(issuer, pkce, asked), { username })
      const answer = await tokenRequest(issuer, {
        grant_type: 'authorization_code',
        client_id: client.client_id,
        redirect_uri,
        code: callback.searchParams.get('code') ?? '',
        code_verifier: pkce.verifier,
      })
      const token = textField(await answer.json(), 'access_token')
      t.match(token, /^[\w-]+$/, 'it says nothing')
      return token
    }
    const ask = async (
      token: string,
      path: string,
      init: RequestInit = {},
    ): Promise<readonly [number, unknown]> => {
      const answer = await platform.fetch(path, { ...init, token })
      return [answer.status, await answer.json()]
    }
    const [alice, bob, carol] = [await tokenOf('alice'), await tokenOf('bob'), await tokenOf('carol')]

    await t.test('each is who they are to every service behind', async (t) => {
      t.match(await ask(alice, '/api/users/me'), [200, { id: 'acc-alice' }])
      t.match(await ask(bob, '/api/users/me'), [200, { id: 'acc-bob' }])
      t.equal((await ask(carol, '/api/orders?all=true'))[0], 200, 'support may')
      t.equal((await ask(alice, '/api/orders?all=true'))[0], 403, 'customers may not')
    })
    await t.test('no more than its scope', async (t) => {
      platform.forgetReceived()
      const order = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"sku":"tea","quantity":1}',
      }
      t.match(await ask(alice, '/api/orders', order), [403, { code: 'insufficient_scope' }])
      t.match(await ask(await tokenOf('alice', 'orders:read'), '/api/users/me'), [
        403,
        { code: 'insufficient_scope' },
      ])
      t.same(platform.received('orders'), [])
      t.same(platform.received('users'), [])
    })
    await t.test('a disabled account is nobody, however long the answer is remembered', async (t) => {
      const admin = await Admin.of(platform)
      const done = await admin.send('POST', '/accounts/acc-alice/disable')
      t.ok(done.status < 300, String(done.status))
      let answer: readonly [number, unknown] | undefined
      await until(async () => {
        answer = await ask(alice, '/api/orders')
        return answer[0] !== 200
      })
      t.match(answer, [401, { code: 'invalid_token' }])
      t.equal((await ask(bob, '/api/orders'))[0], 200)
    })
  },
)
