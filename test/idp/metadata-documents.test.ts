import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { startPlatform, type Platform } from '../harness/index.ts'
import { Admin } from './admin.ts'
import { startHttpsHost, type HttpsHost } from './https-host.ts'
import { authorizeUrl, newPkce } from './native.ts'
import { Person } from './person.ts'
import { withClients } from './registered.ts'

const redirect = 'https://agent.example/cb'

interface Answer {
  readonly status?: number
  readonly type?: string
  readonly cache?: string
  readonly body?: unknown
}

/** A host whose document a test changes as it goes. */
class Documents {
  readonly #host: HttpsHost
  seen = 0
  next: Answer = {}

  private constructor(host: HttpsHost) {
    this.#host = host
  }

  static async start(t: Test): Promise<Documents> {
    let documents: Documents | undefined
    const host = await startHttpsHost(t, (request, response) => {
      if (documents === undefined) return void response.destroy()
      const { status = 200, type = 'application/json', cache = 'max-age=600', body } = documents.next
      documents.seen += 1
      response.writeHead(status, { 'content-type': type, 'cache-control': cache, location: '/other.json' })
      response.end(
        typeof body === 'string' ? body : JSON.stringify(body ?? documents.document(request.url ?? '')),
      )
    })
    documents = new Documents(host)
    return documents
  }

  document(path: string, changes: Readonly<Record<string, unknown>> = {}) {
    return { client_id: this.id(path), client_name: 'Agent', redirect_uris: [redirect], ...changes }
  }

  id(path = '/agent.json'): string {
    return `${this.#host.origin}${path}`
  }

  platform(t: Test, policy: Readonly<Record<string, unknown>>): Promise<Platform> {
    const idp = { metadataDocuments: policy, fetch: this.#host.fetch }
    return startPlatform({ only: ['idp'], t, config: stringify({ idp }) })
  }
}

/** Whether the authorization endpoint knows the client: it goes on to sign in, or says that it does not. */
async function isKnown(
  platform: Platform,
  clientId: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const url = authorizeUrl(platform.config.issuer, newPkce(), {
    client_id: clientId,
    redirect_uri: redirect,
    scope: 'openid',
    ...changes,
  })
  const seen = await new Person().open(url)
  return seen.headers.get('location')?.startsWith('/interaction/') === true
}

t.test('what is no client', async (t) => {
  const documents = await Documents.start(t)
  const platform = await documents.platform(t, { hosts: 'any', quota: '1000/min' })
  const path = '/agent.json'
  const cases: Readonly<Record<string, Answer>> = {
    'names another URL': { body: documents.document('/other.json') },
    'names none': { body: { client_name: 'Agent', redirect_uris: [redirect] } },
    'has a secret': { body: documents.document(path, { client_secret: 'public-by-now' }) },
    'would send a secret': {
      body: documents.document(path, { token_endpoint_auth_method: 'client_secret_basic' }),
    },
    'has no way back': { body: documents.document(path, { redirect_uris: [] }) },
    'leads back to a scheme that anybody claims': {
      body: documents.document(path, { redirect_uris: ['agent:/cb'] }),
    },
    'leads back without TLS': {
      body: documents.document(path, { redirect_uris: ['http://agent.example/cb'] }),
    },
    'wants to act alone': { body: documents.document(path, { grant_types: ['client_credentials'] }) },
    'is not there': { status: 404 },
    'is elsewhere': { status: 302 },
    'is a page': { type: 'text/html' },
    'is no JSON': { body: '{' },
    'is a list': { body: [documents.document(path)] },
    'is too long': { body: documents.document(path, { client_uri: 'x'.repeat(40_000) }) },
    'has members of the wrong kind': { body: documents.document(path, { contacts: 'me' }) },
  }
  for (const [name, answer] of Object.entries(cases)) {
    documents.next = answer
    const before = documents.seen
    t.notOk(await isKnown(platform, documents.id()), name)
    t.equal(documents.seen, before + 1, `${name}: asked once`)
  }
  documents.next = {}
  t.ok(await isKnown(platform, documents.id()), 'and this is one')

  await t.test('ids that are not even looked up', async (t) => {
    const before = documents.seen
    for (const id of [
      documents.id('/'),
      documents.id('/a/../agent.json'),
      documents.id('/agent.json#x'),
      documents.id().replace('https:', 'http:'),
      documents.id().replace('https://', 'https://user@'),
      documents.id().replace('https://localhost', 'https://LOCALHOST'),
      documents.id(`/${'a'.repeat(300)}`),
    ]) {
      t.notOk(await isKnown(platform, id), id.slice(0, 80))
    }
    t.equal(documents.seen, before)
  })
})

t.test('the policy: hosts, scopes, and what is ours to say', async (t) => {
  const documents = await Documents.start(t)
  const own = {
    scope: 'openid orders:read orders:write admin:read',
    resource_scope: 'orders:write',
    unknown_party: false,
    exchange_audiences: ['urn:gatehouse:api'],
    authorization_details_types: ['all'],
    expires_at: 9e15,
    backchannel_logout_uri: 'https://elsewhere.example/',
  }
  documents.next = { body: documents.document('/agent.json', own) }
  const elsewhere = await documents.platform(t, { hosts: ['agent.example', '*.localhost'] })
  t.notOk(await isKnown(elsewhere, documents.id()))
  t.equal(documents.seen, 0, 'who is not on the list is not asked')

  const scopes = ['openid', 'orders:read']
  const platform = await documents.platform(t, { hosts: [new URL(documents.id()).host], scopes })
  t.ok(await isKnown(platform, documents.id()))
  await withClients(platform, async (clients) => {
    const record = await clients.find(documents.id())
    t.equal(record?.scope, 'openid orders:read')
    t.equal(record?.unknown_party, true)
    t.ok((record?.expires_at ?? 0) < 9e14)
    for (const name of ['exchange_audiences', 'authorization_details_types', 'backchannel_logout_uri'])
      t.notOk(name in (record ?? {}), name)
  })
})

t.test('read politely: cached, bounded, and believed for a while when its host is away', async (t) => {
  const documents = await Documents.start(t)
  const platform = await documents.platform(t, { hosts: 'any', quota: '4/h', expiry: '30d' })
  platform.clock.hold()
  const id = documents.id()
  await Promise.all(Array.from({ length: 8 }, () => isKnown(platform, id)))
  t.equal(documents.seen, 1, 'one look for all')
  platform.clock.advance(599_000)
  t.ok(await isKnown(platform, id))
  t.equal(documents.seen, 1, 'as long as it said')
  platform.clock.advance(2_000)
  documents.next = { status: 404 }
  t.notOk(await isKnown(platform, id), 'taken down: no client any more')
  documents.next = { cache: 'no-store' }
  t.ok(await isKnown(platform, id))
  t.ok(await isKnown(platform, id))
  t.equal(documents.seen, 3, 'a minute at least')
  t.ok(await isKnown(platform, documents.id('/fourth.json')))
  t.notOk(await isKnown(platform, documents.id('/fifth.json')), 'above the quota')
  t.equal(documents.seen, 4)
})

t.test('what an operator says of such a client lasts when its document is read anew', async (t) => {
  const documents = await Documents.start(t)
  const platform = await documents.platform(t, { hosts: 'any', quota: '1000/min' })
  const keyed = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: documents.id('/jwks.json') }
  documents.next = { body: documents.document('/agent.json', keyed) }
  t.ok(await isKnown(platform, documents.id()))
  const path = `/clients/${encodeURIComponent(documents.id())}`
  const said = { profile: 'fapi2', access_token_ttl: 60, exchange_audiences: ['urn:gatehouse:api'] }
  const answer = await (await Admin.of(platform)).send('PATCH', path, said)
  t.equal(answer.status, 200, JSON.stringify(answer.body))

  platform.clock.advance(601_000)
  documents.next = { body: documents.document('/agent.json', { ...keyed, client_name: 'Renamed' }) }
  await isKnown(platform, documents.id())
  const { body } = await (await Admin.of(platform)).get(path)
  t.match(body, { ...said, client_name: 'Renamed' })
  platform.clock.advance(601_000)
  documents.next = { body: documents.document('/agent.json') }
  t.notOk(await isKnown(platform, documents.id()), 'one that cannot do it is no client')
})

t.test('off: a URL is no client, and nobody is asked', async (t) => {
  const documents = await Documents.start(t)
  const platform = await startPlatform({ only: ['idp'], t })
  t.notOk(await isKnown(platform, documents.id()))
  t.equal(documents.seen, 0)
  const metadata = await (await fetch(`${platform.config.issuer}/.well-known/openid-configuration`)).text()
  t.notMatch(metadata, 'client_id_metadata_document_supported')
})
