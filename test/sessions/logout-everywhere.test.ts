import { createServer } from 'node:http'
import t from 'tap'
import { eventually, type SessionClient, startPlatform, type Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { authorizeUrl, newPkce, nativeClient } from '../idp/native.ts'
import { locationOf, Person } from '../idp/person.ts'
import { withClients } from '../idp/registered.ts'
import { WebClient } from '../idp/web.ts'

const config = 'idp: { fetch: { allow: [127.0.0.0/8, "::1/128"] } }'
const redirectUri = 'http://127.0.0.1:49152/callback'

/** Another client of the IdP, which wants to be told of logouts. @returns what it was told */
async function otherClient(
  t: { teardown(run: () => Promise<void>): unknown },
  platform: Platform,
): Promise<string[]> {
  const told: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      told.push(body)
      response.writeHead(200).end()
    })
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
  })
  await withClients(platform, async (clients) => {
    await clients.put({
      client_id: 'other',
      client_name: 'Another application',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/callback'],
      post_logout_redirect_uris: [],
      backchannel_logout_uri: `http://127.0.0.1:${port}/told`,
      backchannel_logout_session_required: true,
      scope: 'openid',
    })
  })
  return told
}

/** Whether the IdP signs this browser in without asking (OpenID Connect Core section 3.1.2.1, `prompt=none`). */
async function silently(platform: Platform, person: Person): Promise<string> {
  const begun = await person.open(`${platform.url('gateway')}/auth/login?prompt=none`)
  const back = locationOf(await person.open(locationOf(begun))).searchParams
  return back.get('error') ?? 'signed in'
}

async function signedIn(platform: Platform): Promise<{ session: SessionClient; person: Person }> {
  const person = new Person()
  const session = await platform.signIn('alice', { cookies: person.jar })
  // At the other two, without being asked for the password again.
  for (const client_id of ['other', nativeClient]) {
    const url = authorizeUrl(platform.config.issuer, newPkce(), {
      client_id,
      scope: 'openid',
      redirect_uri: redirectUri,
    })
    // oxlint-disable-next-line no-await-in-loop
    const page = await person.follow(await person.open(url))
    // oxlint-disable-next-line no-await-in-loop
    if (page.status === 200) await person.follow(await person.submit(page, 'Allow'))
  }
  return { session, person }
}

t.test('one request signs out here, at the IdP, and at its other clients', async (t) => {
  const platform = await startPlatform({ t, config })
  const told = await otherClient(t, platform)
  const { session, person } = await signedIn(platform)
  t.equal(await silently(platform, person), 'signed in', 'the IdP knows this browser')

  const out = await session.fetch('/auth/logout', { method: 'POST' })
  t.equal(out.status, 200)
  t.equal(textField(await out.json(), 'logout_url'), `${platform.url('gateway')}/`, 'nothing is left to do')
  t.equal(await silently(platform, person), 'login_required')
  t.ok(await eventually(() => told.length > 0))
  t.equal(told.length, 1, 'the other client has its logout token')
  t.match(told[0], /^logout_token=eyJ/)
  t.ok(
    platform.received('gateway').some(({ path }) => path === '/auth/backchannel-logout'),
    'and so has every gateway',
  )
})

t.test('the refresh token is dead', async (t) => {
  const platform = await startPlatform({ t })
  const person = new Person()
  await platform.signIn('alice', { cookies: person.jar })
  // Tokens of the same client and login, as the gateway has them.
  const web = new WebClient(platform)
  const scope = 'openid profile users:read orders:read orders:write inventory:read'
  const tokens: unknown = await (await web.redeem(await web.authorize({ scope }, { person }))).json()
  const session = await platform.signIn('alice', { cookies: person.jar })
  const refresh = () => web.refresh(textField(tokens, 'refresh_token'))
  const before: unknown = await (await refresh()).json()
  await session.fetch('/auth/logout', { method: 'POST' })
  const after = await web.refresh(textField(before, 'refresh_token'))
  t.equal(`${after.status} ${textField(await after.json(), 'error')}`, '400 invalid_grant')
})
