import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { Both } from './both.ts'

const secret = 'a-secret-of-the-test-0123456789'

t.test('opaque tokens of our own IdP, until they are given back', { timeout: 240_000 }, async (t) => {
  const platform = await startPlatform({
    t,
    config: `
gateway: { introspection: { endpoint: issuer, cache: 1h } }
idp:
  clients:
    - client_id: opaque-machine
      client_secret: ${secret}
      token_endpoint_auth_method: client_secret_basic
      grant_types: [client_credentials]
      scope: orders:read
      access_token_format: opaque
`,
  })
  const { issuer } = platform.config
  const authorization = `Basic ${Buffer.from(`opaque-machine:${secret}`).toString('base64')}`
  const post = (path: string, body: Record<string, string>) =>
    fetch(issuer + path, { method: 'POST', body: new URLSearchParams(body), headers: { authorization } })
  const newToken = async (): Promise<string> => {
    const answer = await post('/oauth/token', { grant_type: 'client_credentials', scope: 'orders:read' })
    return String(Object(await answer.json()).access_token)
  }
  const both = await Both.start(t, platform)
  const token = await newToken()
  const other = await newToken()
  t.match(token, /^[\w-]+$/, 'it says nothing')
  t.same(await both.answers({ token }), ['200', '200'])
  t.same(await both.answers({ token: other }), ['200', '200'])
  t.equal((await post('/oauth/revoke', { token })).status, 200)
  t.same(
    await both.refusal({ token }),
    ['401 invalid_token', '401 invalid_token'],
    'however long it is remembered',
  )
  t.same(await both.answers({ token: other }), ['200', '200'])
  t.same(await both.answers({ token: 'guess' }), ['401 invalid_token', '401 invalid_token'])
})
