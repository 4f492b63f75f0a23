import { createServer } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { entryOf, RelyingParty, startCertified } from './certification/relying-party.ts'
import { startHttpsHost } from './https-host.ts'
import { Person } from './person.ts'
import { toldOfLogouts } from './told-of-logouts.ts'
import { WebClient } from './web.ts'

t.test('clients are told that a login ended, by a standard logout token', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, gateway } = platform.config
  const received: string[] = []
  let status = 200
  const client = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      received.push(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`)
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => client.listen(gateway.listen.port, 'localhost', resolve))
  t.teardown(() => void client.close())

  const web = new WebClient(platform)
  const arrived = await web.authorize()
  const tokens: unknown = await (await web.redeem(arrived)).json()
  const { sid, sub } = jwtParts(textField(tokens, 'id_token')).payload
  const { person } = arrived
  await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
  const [call = '', ...more] = received
  t.same(more, [], 'once')
  const [method, path, type, body = ''] = call.split(' ')
  t.same([method, path], ['POST', '/auth/backchannel-logout'])
  t.match(type, /^application\/x-www-form-urlencoded/)
  const { payload } = await jwtVerify(
    new URLSearchParams(body).get('logout_token') ?? '',
    createRemoteJWKSet(new URL('/oauth/jwks', issuer)),
    { issuer, audience: gateway.clientId, typ: 'logout+jwt' },
  )
  t.equal(payload['sid'], sid)
  t.equal(payload.sub, sub)
  t.same(payload['events'], { 'http://schemas.openid.net/event/backchannel-logout': {} })
  t.notOk('nonce' in payload)
  t.ok(payload.jti)

  status = 500
  const again = await web.authorize({}, { person })
  await web.redeem(again)
  const left = await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
  t.equal(left.status, 303, 'a client that cannot be told does not keep anybody signed in')
  t.match(platform.logs('idp').join('\n'), /a client was not told that a login ended/)
})

t.test('a client of the configuration is told as well', async (t) => {
  let told: (body: string) => void = () => undefined
  const body = new Promise<string>((resolve) => (told = resolve))
  const host = await startHttpsHost(t, (request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
    request.on('end', () => {
      response.end()
      told(`${request.url} ${text}`)
    })
  })
  const logout = {
    backchannel_logout_uri: `${host.origin}/bye?client=rp`,
    backchannel_logout_session_required: true,
  }
  const platform = await startCertified(t, [entryOf('rp', logout)], { fetch: host.fetch })
  const rp = new RelyingParty(platform, 'rp')
  const person = new Person()
  const { code = '' } = await rp.respond({}, person)
  const { sid } = await rp.verified(textField(await rp.redeem(code), 'id_token'), 'RS256')
  await person.submit(await person.open(`${rp.issuer}/oauth/logout`), 'Sign out')
  const [path, form = ''] = (await body).split(' ')
  t.equal(path, '/bye?client=rp')
  const token = new URLSearchParams(form).get('logout_token') ?? ''
  t.match(await rp.verified(token, 'RS256'), { sid, sub: 'acc-alice' })
})

t.test('clients are told when an account is shut out, and when its password is another', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const told = await toldOfLogouts(t, platform)
  const sids = () => told.map(({ sid }) => sid)
  const web = new WebClient(platform)
  const admin = await Admin.of(platform)
  const signIn = async (): Promise<{ readonly sid: unknown; readonly person: Person }> => {
    const arrived = await web.authorize()
    const tokens: unknown = await (await web.redeem(arrived)).json()
    return { sid: jwtParts(textField(tokens, 'id_token')).payload['sid'], person: arrived.person }
  }
  const { sid: shutOut } = await signIn()
  t.equal((await admin.send('POST', '/accounts/acc-alice/disable')).status, 200)
  t.same(sids(), [shutOut], 'told by the time of the answer')
  await admin.send('POST', '/accounts/acc-alice/enable')

  const { sid: elsewhere } = await signIn()
  const { person } = await signIn()
  const page = await person.follow(await person.open(`${issuer}/account`))
  const opened = await person.follow(await person.open(new URL(page.headers.get('location') ?? '', issuer)))
  const current = platform.credentials.password('alice')
  const changed = await person.submit(opened, 'Change password', { current, next: 'a long new password' })
  t.equal(changed.status, 303)
  t.same(sids().slice(1), [elsewhere], 'but not where that was done')

  const password = 'what the administrator gave'
  t.equal((await admin.send('POST', '/accounts/acc-alice/password', { password })).status, 204)
  t.equal(told.length, 3)
})
