import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import t from 'tap'
import { textField } from '../../harness/json.ts'
import { startHttpsHost } from '../https-host.ts'
import { outcome } from '../native.ts'
import { Person } from '../person.ts'
import { redirectUri, RelyingParty, startCertified } from './relying-party.ts'

t.test('request objects by reference: where the client registered them, and nowhere else', async (t) => {
  const objects = new Map<string, string>()
  let fetched = 0
  const host = await startHttpsHost(t, (request, response) => {
    fetched += 1
    const object = objects.get(request.url ?? '')
    response.writeHead(object === undefined ? 404 : 200, { 'content-type': 'application/jwt' })
    response.end(object)
  })
  const registration = { who: 'anyone', scopes: ['openid'] }
  const platform = await startCertified(t, [], { registration, fetch: host.fetch })
  const { issuer } = platform.config
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const register = (uris: unknown) =>
    fetch(`${issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [redirectUri], request_uris: uris, ...signing }),
    })
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }]
  const signing = {
    jwks: { keys },
    request_object_signing_alg: 'RS256',
    grant_types: ['implicit'],
    response_types: ['id_token'],
  }
  const at = (path: string) => `${host.origin}${path}`
  const answer: unknown = await (
    await register([at('/good#part'), at('/missing'), at('/html'), at('/foreign')])
  ).json()
  const id = textField(answer, 'client_id')
  const claims = { response_type: 'id_token', redirect_uri: redirectUri, scope: 'openid', nonce: 'no-9' }
  const objectOf = (key: typeof privateKey) =>
    new SignJWT({ client_id: id, iss: id, aud: issuer, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setExpirationTime('1m')
      .sign(key)
  objects.set('/good', await objectOf(privateKey))
  objects.set('/html', '<html></html>')
  objects.set('/foreign', await objectOf((await generateKeyPair('RS256')).privateKey))
  const rp = new RelyingParty(platform, id)
  const by = (uri: string) => rp.url({ response_type: 'id_token', request_uri: uri, nonce: undefined })

  await t.test('it is read and counts', async (t) => {
    const { id_token = '' } = await rp.respond({
      response_type: 'id_token',
      request_uri: at('/good#part'),
      nonce: undefined,
    })
    t.equal((await rp.verified(id_token, 'RS256'))['nonce'], claims.nonce, 'which is in the object alone')
    t.equal(fetched, 1)
  })

  await t.test('what is not registered letter by letter is not fetched', async (t) => {
    const before = fetched
    for (const uri of [at('/good'), at('/good#other'), at('/other'), 'https://169.254.169.254/']) {
      const refused = await new Person().open(by(uri))
      t.match(refused.headers.get('location') ?? refused.html, 'request_uri_not_supported', uri)
    }
    const twice = by(at('/good#part'))
    twice.searchParams.append('request_uri', at('/good#part'))
    t.match((await new Person().open(twice)).html, /invalid_request|wrong/i)
    const both = by(at('/good#part'))
    both.searchParams.set('request', objects.get('/good') ?? '')
    const refused = await new Person().open(both)
    t.match(refused.headers.get('location') ?? refused.html, 'invalid_request')
    t.equal(fetched, before)
  })

  await t.test('what is no request object is refused', async (t) => {
    for (const [path, error] of [
      ['/missing', 'invalid_request_uri'],
      ['/html', 'invalid_request_uri'],
      ['/foreign', 'invalid_request_object'],
    ] as const) {
      const refused = await new Person().open(by(at(path)))
      t.match(refused.headers.get('location') ?? refused.html, error, path)
    }
  })

  await t.test('only https URLs can be registered', async (t) => {
    for (const uris of [['http://rp.example/object'], ['/object'], 'https://rp.example/object', [7]])
      t.equal(await outcome(await register(uris)), '400 invalid_client_metadata', JSON.stringify(uris))
  })
})
