import t from 'tap'
import { stringify } from 'yaml'
import { withoutDrawn } from '../harness/drawn.ts'
import { startPlatform } from '../harness/index.ts'
import { isRecord, textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { startHttpsHost } from './https-host.ts'
import { authorizeUrl, newPkce } from './native.ts'
import { Person, type Seen } from './person.ts'
import { png } from './pictures.ts'

const redirect_uri = 'https://app.example/cb'
const own = {
  client_uri: 'https://app.example/about',
  logo_uri: 'https://app.example/logo.png',
  policy_uri: 'https://app.example/privacy?a=1&b=2',
  tos_uri: 'https://app.example/terms',
}
const documents = new Map<string, unknown>()
const host = await startHttpsHost(t, (request, response) => {
  if (request.url?.endsWith('.png') === true)
    return void response.writeHead(200, { 'content-type': 'image/png' }).end(png(32, 32))
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(documents.get(request.url ?? '')))
})
const basics = {
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  redirect_uris: [redirect_uri],
}
const configured = { client_id: 'configured', client_name: 'Configured', ...basics, scope: 'openid', ...own }
const idp = {
  clients: [configured],
  fetch: host.fetch,
  registration: { who: 'anyone', quota: '1000/min' },
  metadataDocuments: { hosts: 'any' },
}
const platform = await startPlatform({ only: ['idp'], t, config: stringify({ idp }) })
const { issuer } = platform.config

/** The page to sign in on and the page to allow it on, as somebody new sees them. */
async function pagesFor(client_id: string, changes: Readonly<Record<string, string>> = {}) {
  const url = authorizeUrl(issuer, newPkce(), { client_id, redirect_uri, scope: 'openid', ...changes })
  const person = new Person()
  const login = await person.follow(await person.open(url))
  const consent = await person.signIn(login, 'alice', platform.credentials.password('alice'))
  return { person, pages: [login, consent] as const }
}

function linksOf({ html }: Seen): readonly string[] {
  return [...html.matchAll(/<a href="(https:[^"]+)"([^>]*)>([^<]+)</g)].map(
    ([, href = '', attributes = '', words = '']) => `${words}: ${href}${attributes}`,
  )
}

const rel = ' target="_blank" rel="noopener noreferrer"'
const shown = [
  `Website: https://app.example/about${rel}`,
  `Privacy policy: https://app.example/privacy?a=1&amp;b=2${rel}`,
  `Terms of use: https://app.example/terms${rel}`,
]

async function register(metadata: Readonly<Record<string, unknown>>): Promise<unknown> {
  const response = await fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...basics, ...metadata }),
  })
  return response.json()
}

t.test('configured and made by an operator: logo, website, policy and terms are shown', async (t) => {
  const admin = await Admin.of(platform)
  t.equal((await admin.send('POST', '/clients', { ...configured, client_id: 'made' })).status, 201)
  for (const id of ['configured', 'made']) {
    const { pages } = await pagesFor(id)
    for (const page of pages) {
      t.same(linksOf(page), shown, id)
      t.match(page.html, /<img class="logo" src="\/interaction\/[^"/]+\/logo" width="48" height="48" alt="">/)
      t.match(page.headers.get('content-security-policy'), /; img-src 'self';/)
      t.notMatch(page.html, 'unknown here')
    }
  }
})

t.test('policy_uri and tos_uri of a client that registered itself are shown', async (t) => {
  const { pages } = await pagesFor(
    textField(await register({ client_name: 'Registered', ...own }), 'client_id'),
  )
  for (const page of pages) {
    t.same(linksOf(page), shown)
    t.match(page.html, 'unknown here', 'and that nobody knows it')
    t.match(page.html, '<strong>app.example</strong>', 'and whose it is')
  }
})

t.test('logo_uri of a client that registered itself is shown', async (t) => {
  const home = `${host.origin}/cb`
  const registered = await register({ redirect_uris: [home], logo_uri: `${host.origin}/logo.png` })
  const { person, pages } = await pagesFor(textField(registered, 'client_id'), { redirect_uri: home })
  for (const page of pages) t.match(page.html, /<img class="logo"/)
  const logo = await person.open(`${pages[1].url.href}/logo`)
  t.equal(logo.headers.get('content-type'), 'image/png')
})

t.test('of one that describes itself, too', async (t) => {
  const id = `${host.origin}/agent.json`
  const links = { logo_uri: `${host.origin}/logo.png`, tos_uri: `${host.origin}/terms` }
  documents.set('/agent.json', { client_id: id, client_name: 'Agent', ...basics, ...links })
  for (const page of (await pagesFor(id)).pages) {
    t.same(linksOf(page), [`Terms of use: ${host.origin}/terms${rel}`])
    t.match(page.html, /<img class="logo"/)
    t.match(page.html, `<strong>${new URL(id).host}</strong>`)
  }
})

t.test('nobody known to us borrows a logo or a policy of somebody else', async (t) => {
  const foreign = { logo_uri: 'https://bank.example/logo.png', policy_uri: 'https://bank.example/privacy' }
  const both = ['https://bank.example/cb', redirect_uri]
  const ids = [
    textField(await register(foreign), 'client_id'),
    textField(await register({ ...foreign, redirect_uris: both }), 'client_id'),
    textField(await register({ logo_uri: 'https://app.example:444/logo.png' }), 'client_id'),
  ]
  documents.set('/thief.json', { client_id: `${host.origin}/thief.json`, ...basics, ...foreign, ...own })
  for (const id of [...ids, `${host.origin}/thief.json`]) {
    for (const page of (await pagesFor(id)).pages) {
      t.match(page.html, 'unknown here')
      t.same(linksOf(page), [], id)
      t.notMatch(page.html, /<img/, id)
    }
  }
})

t.test('addresses that are not https are left out, not shown', async (t) => {
  const bad = {
    client_uri: 'javascript:alert(1)',
    logo_uri: 'http://app.example/logo.png',
    policy_uri: 'https://app.example@evil.example/',
    tos_uri: 'data:text/html,<script>alert(1)</script>',
  }
  const registered = await register({ ...bad, client_name: 'Plain' })
  for (const name of Object.keys(bad)) t.notOk(isRecord(registered) && name in registered, name)
  for (const page of (await pagesFor(textField(registered, 'client_id'))).pages) {
    t.same(linksOf(page), [])
    t.notMatch(withoutDrawn(page.html), /javascript:|data:|<img|evil/)
  }
})
