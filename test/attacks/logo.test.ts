import type { ServerResponse } from 'node:http'
import t from 'tap'
import { stringify } from 'yaml'
import { startPlatform, type Platform } from '../harness/index.ts'
import { startHttpsHost } from '../idp/https-host.ts'
import { authorizeUrl, newPkce } from '../idp/native.ts'
import { Person, type Seen } from '../idp/person.ts'
import { png } from '../idp/pictures.ts'

const picture = png(32, 32)
const script = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(document.domain)</script></svg>'
const gifAndScript = Buffer.from(`GIF89a/*${'x'.repeat(40)}*/=1;alert(1)//`, 'latin1')

type Answer = (response: ServerResponse) => void

const send = (type: string, body: string | Buffer, more: Readonly<Record<string, string>> = {}): Answer => {
  return (response) => void response.writeHead(200, { 'content-type': type, ...more }).end(body)
}

/** Each under its own path, by what they try. */
const answers: Readonly<Record<string, Answer>> = {
  good: send('image/png', picture),
  svg: send('image/svg+xml', script),
  'svg-as-png': send('image/png', script),
  html: send('text/html', '<script>alert(1)</script>'),
  'gif-and-script': send('image/gif', gifAndScript),
  oversize: send('image/png', Buffer.concat([picture, Buffer.alloc(64 * 1024)])),
  'too-many-pixels': send('image/png', png(4000, 8)),
  compressed: send('image/png', picture, { 'content-encoding': 'gzip' }),
  redirect: (response) => void response.writeHead(302, { location: '/good' }).end(),
  'redirect-to-private': (response) =>
    void response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  missing: (response) => void response.writeHead(404).end(picture),
  reset: (response) => void response.destroy(),
  silent: () => undefined,
  'slow-body': (response) => void response.writeHead(200, { 'content-type': 'image/png' }).write(picture),
}
/** What a browser may well be shown. A picture that says it is packed is only a picture with a wrong word. */
const fine: ReadonlySet<string> = new Set(['good', 'compressed'])

const seen: string[] = []
const host = await startHttpsHost(t, (request, response) => {
  const name = (request.url ?? '').slice(1)
  seen.push(name)
  answers[name]?.(response)
})

function clientsOf(names: readonly string[]): readonly object[] {
  return names.map((name) => ({
    client_id: name,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    redirect_uris: ['https://app.example/cb'],
    scope: 'openid',
    logo_uri: `${host.origin}/${name}`,
  }))
}

async function pageOf(platform: Platform, client_id: string, person = new Person()): Promise<Seen> {
  const changes = { client_id, redirect_uri: 'https://app.example/cb', scope: 'openid' }
  return person.follow(await person.open(authorizeUrl(platform.config.issuer, newPkce(), changes)))
}

/** Where the page has its picture. */
function logoOf(page: Seen): URL {
  const path = /<img class="logo" src="([^"]+)"/.exec(page.html)?.[1]
  if (path === undefined) throw new Error(`no logo on ${page.html}`)
  return new URL(path, page.url)
}

t.test('what a client names as its logo', async (t) => {
  const idp = { fetch: host.fetch, clients: clientsOf(Object.keys(answers)) }
  const platform = await startPlatform({ only: ['idp'], t, config: stringify({ idp }) })
  for (const name of Object.keys(answers)) {
    const person = new Person()
    const before = seen.length
    // A host that did not answer the one before is left alone for a while.
    platform.clock.advance(6_000)
    const page = await pageOf(platform, name, person)
    t.same([page.status, seen.length], [200, before], `${name}: the page is there before anybody is asked`)
    t.notMatch(page.html, host.origin, `${name}: the browser is not sent there`)
    const response = await fetch(logoOf(page), { headers: { cookie: person.jar.header(logoOf(page)) } })
    const body = Buffer.from(await response.arrayBuffer())
    t.same(seen.slice(before), [name], `${name}: asked once, and nothing followed`)
    t.equal(response.status, 200, name)
    if (fine.has(name)) {
      t.equal(response.headers.get('content-type'), 'image/png', name)
      t.same(body, picture, name)
    } else {
      t.equal(response.headers.get('content-type'), 'image/svg+xml', `${name}: our own picture instead`)
      t.match(body.toString(), /^<svg [^>]*><rect [^>]*\/><text [^>]*>[A-Z0-9]+<\/text><\/svg>$/, name)
    }
    t.equal(response.headers.get('x-content-type-options'), 'nosniff', name)
    t.match(response.headers.get('content-security-policy'), /^default-src 'none'; sandbox;/, name)
    t.equal(response.headers.get('cross-origin-resource-policy'), 'same-origin', name)
    t.notOk(response.headers.has('set-cookie'), name)
  }
})

t.test('kept for all, and a failure for a minute', async (t) => {
  const idp = { fetch: host.fetch, clients: clientsOf(['good', 'missing']) }
  const platform = await startPlatform({ only: ['idp'], t, config: stringify({ idp }) })
  const look = async (name: string): Promise<number> => {
    const before = seen.length
    const people = [new Person(), new Person(), new Person()]
    await Promise.all(people.map(async (person) => person.open(logoOf(await pageOf(platform, name, person)))))
    return seen.length - before
  }
  t.same([await look('good'), await look('good')], [1, 0])
  t.same([await look('missing'), await look('missing')], [1, 0])
  platform.clock.advance(61_000)
  t.same([await look('good'), await look('missing')], [0, 1])
})

t.test('a private address: nobody connects', async (t) => {
  const idp = { fetch: { ca: host.fetch.ca }, clients: clientsOf(['good']) }
  const platform = await startPlatform({ only: ['idp'], t, config: stringify({ idp }) })
  const before = seen.length
  const person = new Person()
  const answer = await person.open(logoOf(await pageOf(platform, 'good', person)))
  t.equal(answer.headers.get('content-type'), 'image/svg+xml')
  t.equal(seen.length, before)
  t.match(platform.logs('idp').join('\n'), /a logo of a client was not fetched/)
})

t.test('only who is asked about a client makes us fetch its logo', async (t) => {
  const idp = { fetch: host.fetch, clients: clientsOf(['good']) }
  const platform = await startPlatform({ only: ['idp'], t, config: stringify({ idp }) })
  const before = seen.length
  const url = logoOf(await pageOf(platform, 'good'))
  t.equal((await new Person().open(url)).status, 400, 'another browser')
  const other = new Person()
  await pageOf(platform, 'good', other)
  t.equal((await other.open(url)).status, 400, 'another interaction')
  t.equal(seen.length, before)
})
