import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { accountPageOf } from './account-page.ts'
import { Admin } from './admin.ts'
import { startHttpsHost } from './https-host.ts'
import { clientAssertionOf, withClientsConfig } from './keyed-client.ts'
import { outcome, tokenRequest } from './native.ts'
import { ownApp } from './own-app.ts'
import { cibaGrant, pingedClient } from './pinged-client.ts'

const model = 'BackchannelAuthenticationRequest'

t.test('of two answers at the same moment one counts, and its client is told once', async (t) => {
  let pings = 0
  const host = await startHttpsHost(t, (_request, response) => {
    pings++
    response.writeHead(204).end()
  })
  const client = await pingedClient(host.origin)
  const idp = { ciba: { enabled: true }, fetch: host.fetch }
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client], idp) })
  const { issuer } = platform.config
  const { app, deps } = await ownApp(t, platform)
  const begun = await fetch(`${issuer}/oauth/backchannel`, {
    method: 'POST',
    body: new URLSearchParams({
      scope: 'openid orders:read',
      login_hint: 'alice',
      client_notification_token: 'notify-me-1',
      ...(await clientAssertionOf(client, issuer)),
    }),
  })
  const auth_req_id = textField(await begun.json(), 'auth_req_id')
  const { person, page } = await accountPageOf(platform, 'alice')
  const form = page.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'Allow'))
  const answer = (decision: string) => {
    const body = new URLSearchParams({ decision })
    for (const { name, value } of form?.fields ?? []) body.append(name, value)
    const headers = {
      host: page.url.host,
      origin: issuer,
      cookie: person.jar.header(page.url),
      'content-type': 'application/x-www-form-urlencoded',
    }
    return app.inject({ method: 'POST', url: '/account/requests', headers, payload: body.toString() })
  }

  // Each of them has seen that it waits before the other goes on.
  const find = deps.artifacts.find.bind(deps.artifacts)
  const { promise: bothThere, resolve } = Promise.withResolvers<void>()
  let there = 0
  deps.artifacts.find = async (...which) => {
    const found = await find(...which)
    if (which[0] === model && ++there === 2) resolve()
    if (which[0] === model) await bothThere
    return found
  }
  const answers = await Promise.all([answer('allow'), answer('refuse')])
  const isAllowed = answers[0].statusCode === 303
  t.same(
    answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b),
    [303, 400],
  )
  t.equal(pings, 1)

  const proof = await clientAssertionOf(client, issuer)
  const polled = await tokenRequest(issuer, { grant_type: cibaGrant, auth_req_id, ...proof })
  t.equal(await outcome(polled), isAllowed ? '200' : '400 access_denied')
  const audit = await (await Admin.of(platform)).send('GET', '/audit?q=ciba')
  const actions = JSON.stringify(audit.body).match(/ciba\.(?:approved|refused)/g)
  t.same(actions, [isAllowed ? 'ciba.approved' : 'ciba.refused'], 'the log tells of that one alone')
})
