import t from 'tap'
import { eventually, jwtParts, startPlatform } from '../harness/index.ts'
import { isRecord, listField, textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { newTokens, nativeClient } from './native.ts'
import { toldOfLogouts } from './told-of-logouts.ts'
import { WebClient } from './web.ts'

t.test('a session that an administrator ends is over at its clients, too', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const told = await toldOfLogouts(t, platform)
  const admin = await Admin.of(platform)
  const isActive = async (token: string): Promise<unknown> => {
    const body = new URLSearchParams({ token, client_id: nativeClient })
    const answer: unknown = await (await fetch(`${issuer}/oauth/introspect`, { method: 'POST', body })).json()
    return isRecord(answer) ? answer['active'] : undefined
  }

  const { accessToken, person } = await newTokens(platform)
  const web = new WebClient(platform)
  const tokens: unknown = await (await web.redeem(await web.authorize({}, { person }))).json()
  const { sid } = jwtParts(textField(tokens, 'id_token')).payload
  t.equal(await isActive(accessToken), true)

  const items = listField((await admin.get('/sessions?account=acc-alice')).body, 'items')
  // An id that the browser has given up for another one names the same session for some seconds.
  const [first] = items
  t.equal((await admin.send('DELETE', `/sessions/${textField(first, 'id')}`)).status, 204)
  t.equal(await isActive(accessToken), false, 'what it was given counts no longer')
  t.ok(await eventually(() => told.length > 0), 'who wants to hear of it does')
  t.match(told[0], { sub: 'acc-alice', sid })
  t.same((await admin.get('/grants?account=acc-alice')).body, { items: [] })
})
