import t from 'tap'
import { stringify } from 'yaml'
import { isRecord, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from '../idp/admin.ts'
import { startHttpsHost } from '../idp/https-host.ts'
import { authorizeUrl, newPkce, outcome } from '../idp/native.ts'
import { Person } from '../idp/person.ts'

const redirect_uri = 'https://agent.example/cb'
const basics = {
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  redirect_uris: [redirect_uri],
}
const bank = { client_id: 'bank', client_name: 'Harbour Bank', ...basics, scope: 'openid' }
let called = ''
const host = await startHttpsHost(t, (request, response) => {
  const client_id = `${host.origin}${request.url ?? ''}`
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ client_id, client_name: called, ...basics }))
})
const idp = {
  clients: [bank],
  fetch: host.fetch,
  registration: { who: 'anyone', quota: '1000/min' },
  metadataDocuments: { hosts: 'any', quota: '1000/min' },
}
const platform = await startPlatform({ only: ['idp'], t, config: stringify({ idp }) })
const { issuer } = platform.config

const send = (url: string, metadata: object, init: { method?: string; token?: string } = {}) =>
  fetch(url, {
    method: init.method ?? 'POST',
    headers: {
      'content-type': 'application/json',
      ...(init.token === undefined ? {} : { authorization: `Bearer ${init.token}` }),
    },
    body: JSON.stringify({ ...basics, ...metadata }),
  })
const register = (client_name: unknown) => send(`${issuer}/oauth/register`, { client_name })

async function consentOf(client_id: string) {
  const url = authorizeUrl(issuer, newPkce(), { client_id, redirect_uri, scope: 'openid' })
  const person = new Person()
  const login = await person.follow(await person.open(url))
  return login.status === 200 ? person.signIn(login, 'alice', platform.credentials.password('alice')) : login
}

/** By what they try. */
const refused: Readonly<Record<string, string>> = {
  'the same name': 'Harbour Bank',
  'another case, other blanks': 'HARBOURBANK',
  'Cyrillic letters': 'Hаrbоur Bаnk',
  'a Greek capital': 'Ηarbour Bank',
  'wide letters': 'Ｈａｒｂｏｕｒ Ｂａｎｋ',
  'a digit for a letter': 'Harb0ur Bank',
  'signs around it': '*Harbour* Bank!',
  accents: 'Hárbour Bänk',
  'a zero-width blank': 'Harbour\u200b Bank',
  'turned around': '\u202eknaB ruobraH',
  'a new line': 'Agent\nHarbour Bank',
  'a filler that nobody sees': 'Harbour\u3164Bank',
  'the platform': 'Gatehouse',
  'the platform in part Cyrillic': 'Gatehоuse',
  "the platform's own page": 'Your account',
  'the web application': 'Gatehouse Web-Application',
  'two alphabets in a word, whoever it means': 'Pаypal',
  'a story': 'Your session has expired, and to go on with your work '.repeat(3),
  'nothing to be seen': ' . ',
}

t.test('names that a stranger may not register', async (t) => {
  for (const [what, name] of Object.entries(refused)) {
    const answer = await register(name)
    t.equal(answer.status, 400, what)
    const body: unknown = await answer.json()
    t.equal(textField(body, 'error'), 'invalid_client_metadata', what)
    t.match(textField(body, 'error_description'), /^client_name /, what)
    t.notMatch(textField(body, 'error_description'), 'Harbour', 'and is not told whose it is')
  }
  const made = await (await Admin.of(platform)).get('/clients?q=dyn_')
  t.same(made.body, { items: [] })
})

t.test('nor take later', async (t) => {
  const made: unknown = await (await register('Handy agent')).json()
  const at = textField(made, 'registration_client_uri')
  const token = textField(made, 'registration_access_token')
  const client_id = textField(made, 'client_id')
  const change = await send(at, { client_id, client_name: 'Hаrbour Bank' }, { method: 'PUT', token })
  t.equal(await outcome(change), '400 invalid_client_metadata')
  t.match((await consentOf(client_id)).html, 'Allow <bdi>Handy agent</bdi> to act')
})

t.test('nor say in a document', async (t) => {
  for (const [what, name] of Object.entries(refused)) {
    called = name
    const page = await consentOf(`${host.origin}/${encodeURIComponent(what)}.json`)
    t.equal(page.status, 400, what)
    t.notMatch(page.html, '<bdi>', what)
  }
  called = 'Handy agent'
  const page = await consentOf(`${host.origin}/agent.json`)
  t.match(page.html, 'Allow <bdi>Handy agent</bdi> to act')
  t.match(page.html, `From <strong>${new URL(host.origin).host}</strong>`)
})

t.test(
  'an operator may call a client what a stranger was called: then the stranger goes by its host',
  async (t) => {
    const client_id = textField(await (await register('Boat house')).json(), 'client_id')
    t.match((await consentOf(client_id)).html, 'Allow <bdi>Boat house</bdi> to act')
    const admin = await Admin.of(platform)
    const own = { ...bank, client_id: 'boats', client_name: 'Boathouse' }
    t.equal((await admin.send('POST', '/clients', own)).status, 201)
    platform.clock.advance(6_000)
    const page = await consentOf(client_id)
    t.match(page.html, 'Allow <bdi>agent.example</bdi> to act')
    t.notMatch(page.html, 'Boat house')
    t.match((await consentOf('boats')).html, 'Allow <bdi>Boathouse</bdi> to act')
    const turned = await admin.send('POST', '/clients', { ...own, client_id: 'x', client_name: 'a\u202eb' })
    t.equal(turned.status, 422, 'even an operator turns no line around')
  },
)

t.test('names of every language, and long ones, are shown as they are', async (t) => {
  for (const name of [
    '注文アプリ v2',
    'חנות ספרים',
    'Яндекс Music',
    'Café',
    'W'.repeat(100),
    'Harbour Bank Tools',
  ]) {
    const made: unknown = await (await register(name)).json()
    t.equal(isRecord(made) && made['client_name'], name)
    const page = await consentOf(textField(made, 'client_id'))
    t.match(page.html, `<bdi>${name}</bdi>`)
    t.match(page.html, 'unknown here')
    t.match(page.html, 'From <strong>agent.example</strong>')
  }
})
