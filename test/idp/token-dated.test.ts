import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { nativeClient, newTokens } from './native.ts'
import { ownApp } from './own-app.ts'

const actions: readonly (readonly [string, string, unknown])[] = [
  ['account-disabled', '/accounts/acc-alice/disable', undefined],
  ['credential-change', '/accounts/acc-alice/password', { password: 'what the administrator gave' }],
]

t.test('a token that was under way when its account was shut out is from before that', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const admin = await Admin.of(platform)
  for (const [event, path, body] of actions) {
    const { app, deps } = await ownApp(t, platform)
    const scope = 'openid orders:read offline_access'
    const { refreshToken } = await newTokens(platform, { scope, prompt: 'consent' })
    const consumeOnce = deps.artifacts.consumeOnce.bind(deps.artifacts)
    deps.artifacts.consumeOnce = async (model, id) => {
      const isFirst = await consumeOnce(model, id)
      t.ok(isFirst, 'nothing stands against it up to here')
      await admin.send('POST', path, body)
      platform.clock.advance(1500)
      return isFirst
    }
    const answer = await app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { host: new URL(issuer).host, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: nativeClient,
        refresh_token: refreshToken,
      }).toString(),
    })
    t.equal(answer.statusCode, 200)
    const token = jwtParts(textField(answer.json(), 'access_token')).payload
    const events = await deps.store.db.selectFrom('events').selectAll().orderBy('seq').execute()
    const told = events.find(({ claims }) => claims.includes(event))
    t.ok(Number(token['iat']) * 1000 <= (told?.at ?? 0), event)
    t.equal(Number(token['exp']) - Number(token['iat']), 300)
    await admin.send('POST', '/accounts/acc-alice/enable')
  }
})
