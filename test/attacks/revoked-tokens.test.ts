import t from 'tap'
import { until } from '../harness/eventually.ts'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'

t.test('a token that was given back counts as a failed authentication', async (t) => {
  const platform = await startPlatform({ t, config: "gateway: { limits: { failedAuthRate: '5/min' } }" })
  const token = await platform.token()
  const ask = async (by = token) => {
    const answer = await platform.fetch('/api/inventory', { token: by })
    return [answer.status, textField(await answer.json(), 'code')]
  }
  const good = await platform.token()
  for (const by of [token, good, good])
    t.equal((await platform.fetch('/api/inventory', { token: by })).status, 200)
  const secret = platform.credentials.clientSecret('demo-machine') ?? ''
  const authorization = `Basic ${Buffer.from(`demo-machine:${secret}`).toString('base64')}`
  const body = new URLSearchParams({ token })
  await fetch(`${platform.config.issuer}/oauth/revoke`, { method: 'POST', headers: { authorization }, body })
  // 401 as soon as the gateway has heard of it.
  await until(async () => (await platform.fetch('/api/inventory', { token })).status === 401)
  platform.forgetReceived()
  for (let n = 1; n < 5; n++) t.same(await ask(), [401, 'invalid_token'])
  t.same(await ask(), [429, 'rate_limited'], 'its signature is not looked at any more')
  t.same(platform.received('inventory'), [], 'no service heard of it')
  t.equal((await platform.fetch('/api/inventory', { token: good })).status, 200, 'who is known goes on')
})
