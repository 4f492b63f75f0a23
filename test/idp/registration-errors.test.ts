import t from 'tap'
import { stringify } from 'yaml'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { outcome } from './native.ts'
import { registerSelf, type SelfRegistered } from './self-registration.ts'

const json = { 'content-type': 'application/json' }

t.test('what is refused at registration', async (t) => {
  const platform = await startPlatform({
    only: ['idp'],
    t,
    config: 'idp: { registration: { who: anyone, quota: 100/min } }',
  })
  const url = `${platform.config.issuer}/oauth/register`

  await t.test('a body that is no JSON object, in the words of the standard', async (t) => {
    for (const body of ['[]', '"text"', 'null', '7', '{', '', '{"client_name":']) {
      // oxlint-disable-next-line no-await-in-loop
      const answer = await fetch(url, { method: 'POST', headers: json, body })
      t.match(answer.headers.get('content-type'), /^application\/json/, body)
      t.equal(await outcome(answer), '400 invalid_client_metadata', body)
    }
  })

  await t.test('a way back to it that anybody can read along (RFC 9700 section 2.6)', async (t) => {
    const register = (redirect_uris: readonly unknown[]) =>
      fetch(url, { method: 'POST', headers: json, body: JSON.stringify({ redirect_uris }) })
    for (const uri of ['http://app.example/cb', 'http://127.0.0.1.app.example/cb', 'http://192.0.2.7/cb']) {
      t.equal(await outcome(await register([uri])), '400 invalid_redirect_uri', uri)
      t.equal(await outcome(await register(['https://app.example/cb', uri])), '400 invalid_redirect_uri')
    }
    for (const uri of [
      'https://app.example/cb',
      'http://127.0.0.1/cb',
      'http://[::1]/cb',
      'http://localhost/cb',
    ])
      t.equal(await outcome(await register([uri])), '201', uri)
  })

  await t.test('a change by who may make none, before it is looked at', async (t) => {
    const register = async (): Promise<SelfRegistered> =>
      registerSelf(platform.config.issuer, { redirect_uris: ['https://app.example/cb'] })
    const [ours, others] = [await register(), await register()]
    const at = textField(ours.answer, 'registration_client_uri')
    const body = JSON.stringify({ client_id: ours.id, client_name: 'Gatehouse', redirect_uris: [] })
    const change = (token: string) =>
      fetch(at, { method: 'PUT', headers: { ...json, authorization: `Bearer ${token}` }, body })
    const theirs = textField(others.answer, 'registration_access_token')
    for (const token of ['guess', theirs])
      t.equal(
        await outcome(await change(token)),
        '401 invalid_token',
        token === theirs ? 'of another' : token,
      )
    t.equal((await fetch(at, { method: 'PUT', headers: json, body })).status, 401)
    t.equal(await outcome(await ours.change({ client_name: 'Gatehouse' })), '400 invalid_client_metadata')
    t.equal((await ours.change({ redirect_uris: ['https://app.example/next'] })).status, 200)
  })
})

t.test('who may not register learns nothing of what could be', async (t) => {
  const token = 'initial-token-of-some-length-0123456789'
  const config = stringify({
    idp: { registration: { who: 'token', initialAccessToken: token, quota: '100/min' } },
  })
  const platform = await startPlatform({ only: ['idp'], t, config })
  const bodies = [
    '{"redirect_uris":["https://app.example/cb"]}',
    '{"redirect_uris":["https://app.example/cb"],"client_name":"Gatehouse"}',
    '{"redirect_uris":["http://app.example/cb"]}',
    '{"grant_types":["client_credentials"]}',
    '[]',
  ]
  const register = (body: string, authorization?: string) =>
    fetch(`${platform.config.issuer}/oauth/register`, {
      method: 'POST',
      headers: { ...json, ...(authorization === undefined ? {} : { authorization }) },
      body,
    })
  for (const body of bodies) {
    for (const wrong of [undefined, 'Bearer guess', `Basic ${token}`, `Bearer ${token}x`]) {
      const answer = await register(body, wrong)
      t.match(await outcome(answer), /^40[01] invalid_(token|request)$/, `${wrong ?? 'nothing'} ${body}`)
      if (wrong === 'Bearer guess') t.equal(answer.status, 401)
    }
  }
  const statuses = []
  for (const body of bodies) statuses.push(await outcome(await register(body, `Bearer ${token}`)))
  const refused = '400 invalid_client_metadata'
  t.same(statuses, ['201', refused, '400 invalid_redirect_uri', refused, refused])
})
