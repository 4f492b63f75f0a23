import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { accountPageOf } from './account-page.ts'
import { Admin } from './admin.ts'
import { outcome, tokenRequest } from './native.ts'
import { ownApp } from './own-app.ts'

const grantType = 'urn:openid:params:grant-type:ciba'
const model = 'BackchannelAuthenticationRequest'

t.test('an answer to a client whose account is shut out meanwhile is too late', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t, config: 'idp: { ciba: { enabled: true } }' })
  const { issuer } = platform.config
  const { app, deps } = await ownApp(t, platform)
  const admin = await Admin.of(platform)
  const made = await admin.send('POST', '/clients', {
    client_id: 'teller',
    grant_types: [grantType],
    scope: 'openid orders:read',
    backchannel_token_delivery_mode: 'poll',
  })
  const secret = textField(made.body, 'client_secret')
  const asked = await fetch(`${issuer}/oauth/backchannel`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`teller:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ scope: 'openid orders:read', login_hint: 'alice' }),
  })
  const auth_req_id = textField(await asked.json(), 'auth_req_id')
  const { person, page } = await accountPageOf(platform, 'alice')
  const form = page.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'Allow'))
  const body = new URLSearchParams({ decision: 'allow' })
  for (const { name, value } of form?.fields ?? []) body.append(name, value)

  const find = deps.artifacts.find.bind(deps.artifacts)
  deps.artifacts.find = async (...which) => {
    const found = await find(...which)
    if (which[0] === model) await admin.send('POST', '/accounts/acc-alice/disable')
    return found
  }
  const answer = await app.inject({
    method: 'POST',
    url: '/account/requests',
    headers: {
      host: page.url.host,
      origin: issuer,
      cookie: person.jar.header(page.url),
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: body.toString(),
  })
  t.equal(answer.statusCode, 400, 'and no fault of ours')
  t.match(answer.body, 'This page has expired')
  const polled = await tokenRequest(issuer, { grant_type: grantType, auth_req_id }, { id: 'teller', secret })
  t.equal(await outcome(polled), '400 invalid_grant')
})
