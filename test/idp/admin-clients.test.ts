import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { isRecord, textField } from '../harness/json.ts'
import { Admin } from './admin.ts'

t.test('clients: made, shown, changed, given another secret, deleted', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const ask = async (secret: string): Promise<number> => {
    const basic = Buffer.from(`robot:${secret}`).toString('base64')
    const response = await fetch(new URL('/oauth/token', platform.config.issuer), {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    await response.body?.cancel()
    return response.status
  }
  const made = await admin.send('POST', '/clients', { client_id: 'robot', scope: 'orders:read' })
  t.match(made, { status: 201, body: { client_id: 'robot', grant_types: ['client_credentials'] } })
  t.equal(made.headers.get('location'), '/admin/v1/clients/robot')
  const secret = textField(made.body, 'client_secret')
  t.equal(await ask(secret), 200)
  t.equal((await admin.send('POST', '/clients', { client_id: 'robot' })).status, 409)

  const shown = await admin.get('/clients/robot')
  t.match(shown.body, { has_secret: true, scope: 'orders:read' })
  t.notMatch(JSON.stringify(shown.body), secret, 'shown once')
  const etag = shown.headers.get('etag') ?? ''
  const change = { client_name: 'Robot 2' }
  t.match(await admin.send('PATCH', '/clients/robot', change, { 'if-match': etag }), {
    status: 200,
    body: change,
  })
  t.equal((await admin.send('PATCH', '/clients/robot', change, { 'if-match': etag })).status, 412)

  const next = textField((await admin.send('POST', '/clients/robot/secret')).body, 'client_secret')
  t.same([await ask(secret), await ask(next)], [401, 200])
  t.equal((await admin.send('DELETE', '/clients/robot')).status, 204)
  t.same([await ask(next), (await admin.get('/clients/robot')).status], [401, 404])
})

t.test('clients: lists are paged and searched; what is wrong is named', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const first = await admin.get('/clients?limit=2')
  t.match(first.body, { items: [{ client_id: 'demo-machine' }, { client_id: 'demo-machine-jwt' }] })
  const second = await admin.get(`/clients?limit=50&after=${textField(first.body, 'next')}`)
  t.notOk(isRecord(second.body) && 'next' in second.body, 'the last page')
  t.match(await admin.get('/clients?q=NATIVE'), { body: { items: [{ client_id: 'demo-native' }] } })
  t.same((await admin.get('/clients?q=%25')).body, { items: [] }, 'no wildcard')
  for (const path of ['/clients?limit=0', '/clients?limit=x', '/clients?lmit=2']) {
    const { status, body } = await admin.get(path)
    t.match(
      [status, body],
      [400, { errors: [{ in: 'query', path: `/${/l\w+(?==)/.exec(path)?.[0]}` }] }],
      path,
    )
  }
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ redirect_uri: ['https://a.test/'] }, /"\/redirect_uri"/],
    [{ grant_types: 'all' }, /"\/grant_types"/],
    [{ redirect_uris: ['http://a.test/cb#x'] }, /redirect_uris/],
    [{ client_id: 'a b' }, /"\/client_id"/],
    [{ scope: 'orders:read é' }, /"\/scope"/],
    [{ scope: 'orders:read\nusers:read' }, /"\/scope"/],
    [{ scope: '"' }, /"\/scope"/],
    [{ logo_uri: 'http://a.test/logo.png', tos_uri: 'javascript:alert(1)' }, /"\/logo_uri".*"\/tos_uri"/],
  ]
  for (const [body, told] of wrong) {
    const answer = await admin.send('POST', '/clients', body)
    t.equal(answer.status, 422, JSON.stringify(body))
    t.match(JSON.stringify(answer.body), told)
  }
  for (const id of ['gateway', 'gatehouse-cli']) {
    t.equal((await admin.send('DELETE', `/clients/${id}`)).status, 409, `${id} is kept by the server`)
  }
})
