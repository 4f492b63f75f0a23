import { endLoginPath, sessionsResource, sessionsScope } from '@gatehouse/kit/logout/protocol'
import { eventsResource } from '@gatehouse/kit/events/protocol'
import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { newTokens } from './native.ts'
import { Person } from './person.ts'
import { WebClient } from './web.ts'

t.test('a first-party client ends a login by its sid, and nobody else does', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const web = new WebClient(platform)
  const person = new Person()
  const tokens: unknown = await (
    await web.redeem(await web.authorize({ prompt: 'consent' }, { person }))
  ).json()
  const { sid, sub } = jwtParts(textField(tokens, 'id_token')).payload
  const native = await newTokens(platform)
  const ask = (params: Record<string, string>) =>
    web.post('/oauth/token', { grant_type: 'client_credentials', ...params })
  const token = async (resource: string) => textField(await (await ask({ resource })).json(), 'access_token')
  const end = async (bearer: string | undefined, form: Record<string, string>) => {
    const answer = await fetch(issuer + endLoginPath, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    })
    return answer.status === 204 ? '204' : `${answer.status} ${textField(await answer.json(), 'code')}`
  }
  const stillIn = async () => {
    const page = await person.follow(await person.open(`${issuer}/account`))
    return page.html.includes('Alice')
  }
  const login = { sub: String(sub), sid: String(sid) }

  await t.test('not without the right token', async (t) => {
    t.equal(await end(undefined, login), '401 missing_credentials')
    t.equal(await end('nonsense', login), '401 invalid_token')
    t.equal(await end(textField(tokens, 'access_token'), login), '401 invalid_token', "a person's")
    t.equal(await end(native.accessToken, login), '401 invalid_token')
    t.equal(await end(await token(eventsResource), login), '401 invalid_token', 'of another use')
    const machine = await platform.requestToken({ resource: sessionsResource, scope: sessionsScope })
    t.equal(machine.status, 400, 'other clients cannot have one')
    t.ok(await stillIn())
  })

  await t.test('not with one that was given back', async (t) => {
    const given = await token(sessionsResource)
    t.equal((await web.post('/oauth/revoke', { token: given })).status, 200)
    t.equal(await end(given, login), '401 invalid_token')
    t.ok(await stillIn())
  })

  await t.test('not what is not its own', async (t) => {
    const own = await token(sessionsResource)
    const nativeSid = String(jwtParts(native.accessToken).payload['sid'])
    t.equal(await end(own, { sub: String(sub), sid: nativeSid }), '204', "another client's name for a login")
    t.equal(await end(own, { ...login, sub: 'acc-bob' }), '204')
    t.equal(await end(own, { sub: String(sub) }), '400 invalid_request')
    t.ok(await stillIn())
  })

  await t.test('but its own, once and for all', async (t) => {
    const own = await token(sessionsResource)
    t.equal(await end(own, login), '204')
    t.notOk(await stillIn())
    const refreshed = await web.refresh(textField(tokens, 'refresh_token'))
    t.equal(refreshed.status, 200, 'offline access was asked for, and outlives it')
    t.equal(await end(own, login), '204', 'again')
  })
})
