import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { clientAssertionOf, keyedClient, withClientsConfig } from './keyed-client.ts'
import { authorize, authorizeUrl, newPkce, outcome, tokenRequest } from './native.ts'
import { Person } from './person.ts'

const types = {
  stock_reservation: {
    words: 'Reserve stock for you',
    fields: {
      sku: { type: 'text', words: 'Article', required: true },
      most: { type: 'number', words: 'Pieces at most', minimum: 1, maximum: 100 },
      actions: { type: 'texts', words: 'What for', oneOf: ['reserve', 'release'] },
    },
  },
  newsletter: { words: 'Write to you', fields: { daily: { type: 'flag', words: 'Every day' } } },
}
const detail = { type: 'stock_reservation', sku: 'tea-01', most: 5, actions: ['reserve'] }
const redirect = 'https://rich.example/cb'

t.test('authorization details (RFC 9396)', async (t) => {
  const grants = ['authorization_code', 'refresh_token', 'client_credentials']
  const rich = await keyedClient('rich', {
    grant_types: grants,
    authorization_details_types: ['stock_reservation'],
  })
  const plain = await keyedClient('plain')
  const config = withClientsConfig([rich, plain], { authorizationDetails: types })
  const platform = await startPlatform({ only: ['idp'], t, config })
  const { issuer } = platform.config
  const url = (asked: unknown, changes: Readonly<Record<string, string>> = {}) =>
    authorizeUrl(issuer, newPkce(), {
      client_id: rich.id,
      redirect_uri: redirect,
      authorization_details: typeof asked === 'string' ? asked : JSON.stringify(asked),
      ...changes,
    })

  t.test('the metadata name the types', async (t) => {
    const metadata: unknown = await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()
    t.match(metadata, { authorization_details_types_supported: Object.keys(types) })
  })

  const refused = {
    'unknown type': [{ ...detail, type: 'payment' }],
    'a name that every object has': [{ ...detail, type: 'constructor' }],
    'unknown field': [{ ...detail, secretly: true }],
    'missing field': [{ type: detail.type }],
    'wrong kind': [{ ...detail, sku: 7 }],
    'too much': [{ ...detail, most: 101 }],
    'not one of the texts': [{ ...detail, actions: ['reserve', 'burn'] }],
    'control characters': [{ ...detail, sku: 'tea\u202e10' }],
    'a type of another client': [{ type: 'newsletter', daily: true }],
    'no list': detail,
    'no JSON': '[{',
    'eleven of them': Array.from({ length: 11 }, () => detail),
  }
  await t.test('what is not declared is refused', async (t) => {
    for (const [name, asked] of Object.entries(refused)) {
      const location = (await new Person().open(url(asked))).headers.get('location') ?? ''
      t.equal(new URL(location, issuer).searchParams.get('error'), 'invalid_authorization_details', name)
    }
    const foreign = url([detail], { client_id: plain.id, redirect_uri: 'https://plain.example/cb' })
    const location = (await new Person().open(foreign)).headers.get('location') ?? ''
    t.match(location, 'error=invalid_authorization_details', 'a client that names no types has none')
  })

  await t.test(
    'shown in words, then in the token, the answer, introspection and refreshed tokens',
    async (t) => {
      const pkce = newPkce()
      const asked = authorizeUrl(issuer, pkce, {
        client_id: rich.id,
        redirect_uri: redirect,
        authorization_details: JSON.stringify([detail]),
      })
      const person = new Person()
      const login = await person.follow(await person.open(asked))
      const consent = await person.signIn(login, 'alice', platform.credentials.password('alice'))
      t.match(consent.html, /Reserve stock for you/)
      t.match(consent.html, /<dt>Pieces at most<\/dt><dd>5<\/dd>/)
      const { callback } = await authorize(platform, asked, { person })
      const params = async () => ({ client_id: rich.id, ...(await clientAssertionOf(rich, issuer)) })
      const answer: unknown = await (
        await tokenRequest(issuer, {
          grant_type: 'authorization_code',
          code: callback.searchParams.get('code') ?? '',
          redirect_uri: redirect,
          code_verifier: pkce.verifier,
          ...(await params()),
        })
      ).json()
      t.match(answer, { authorization_details: [detail] })
      const token = textField(answer, 'access_token')
      t.same(jwtParts(token).payload['authorization_details'], [detail])

      const introspected = await fetch(`${issuer}/oauth/introspect`, {
        method: 'POST',
        body: new URLSearchParams({ token, ...(await params()) }),
      })
      t.match(await introspected.json(), { active: true, authorization_details: [detail] })

      const refreshed = async (more: Record<string, string>, from: unknown) =>
        tokenRequest(issuer, {
          grant_type: 'refresh_token',
          refresh_token: textField(from, 'refresh_token'),
          ...more,
          ...(await params()),
        })
      const less = JSON.stringify([{ ...detail, most: 99 }])
      t.equal(
        await outcome(await refreshed({ authorization_details: less }, answer)),
        '400 invalid_authorization_details',
        'not as it was granted',
      )
    },
  )

  await t.test('each request asks anew; without asking there is no answer', async (t) => {
    const { person } = await authorize(platform, url([detail]))
    const again = await person.follow(await person.open(url([detail])))
    t.match(again.html, /Reserve stock for you/, 'a consent does not cover it')
    const silent = await person.open(url([detail], { prompt: 'none' }))
    t.match(silent.headers.get('location') ?? '', 'error=consent_required')
  })

  await t.test('machines have them too', async (t) => {
    const ask = async (details: unknown) =>
      tokenRequest(issuer, {
        grant_type: 'client_credentials',
        scope: 'orders:read',
        authorization_details: JSON.stringify(details),
        ...(await clientAssertionOf(rich, issuer)),
      })
    const answer: unknown = await (await ask([detail])).json()
    t.same(jwtParts(textField(answer, 'access_token')).payload['authorization_details'], [detail])
    t.equal(await outcome(await ask([{ type: 'payment' }])), '400 invalid_authorization_details')
  })
})
