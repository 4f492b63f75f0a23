import type { IncomingHttpHeaders } from 'node:http'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { accountPageOf } from './account-page.ts'
import { startHttpsHost } from './https-host.ts'
import { clientAssertionOf, withClientsConfig } from './keyed-client.ts'
import { outcome, tokenRequest } from './native.ts'
import { cibaGrant, pingedClient } from './pinged-client.ts'

const notificationToken = 'notify-me-1'

interface Ping {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

t.test('ping mode: the client is told, through the guarded client only', async (t) => {
  const pings: Ping[] = []
  const host = await startHttpsHost(t, (request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      pings.push({ headers: request.headers, body })
      response.writeHead(204).end()
    })
  })
  const client = await pingedClient(host.origin)
  for (const fetched of [host.fetch, { ca: host.fetch.ca }]) {
    pings.length = 0
    const idp = { ciba: { enabled: true }, fetch: fetched }
    const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client], idp) })
    const { issuer } = platform.config
    const ask = async (more: Readonly<Record<string, string>>) =>
      fetch(`${issuer}/oauth/backchannel`, {
        method: 'POST',
        body: new URLSearchParams({
          scope: 'openid orders:read',
          login_hint: 'alice',
          ...more,
          ...(await clientAssertionOf(client, issuer)),
        }),
      })
    t.equal(await outcome(await ask({})), '400 invalid_request', 'without a notification token')
    const begun = await ask({ client_notification_token: notificationToken })
    const id = textField(await begun.json(), 'auth_req_id')
    const { person, page } = await accountPageOf(platform, 'alice')
    const done = await person.follow(await person.submit(page, 'Allow'))
    t.match(done.html, /The application can go on/, 'a client that is not reached is no fault of hers')
    if ('allow' in fetched) {
      t.match(pings, [
        {
          headers: { authorization: `Bearer ${notificationToken}` },
          body: JSON.stringify({ auth_req_id: id }),
        },
      ])
    } else t.same(pings, [], 'loopback is not reached unless it is allowed')
    const proof = await clientAssertionOf(client, issuer)
    const answer = await tokenRequest(issuer, { grant_type: cibaGrant, auth_req_id: id, ...proof })
    t.equal(await outcome(answer), '200')
  }
})
