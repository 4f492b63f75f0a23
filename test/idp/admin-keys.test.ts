import { createRemoteJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { until } from '../harness/eventually.ts'
import { listField, textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { withStore } from './registered.ts'

t.test('a key turns on demand and on time while tokens are asked for; none is refused', async (t) => {
  const platform = await startPlatform({
    only: ['idp'],
    t,
    config: 'keys: { rotateEvery: 1d, publish: 10m }',
  })
  const { issuer, resource } = platform.config
  const admin = await Admin.of(platform)
  const tokens: string[] = []
  const enough = new AbortController()
  const load = Promise.all(
    [1, 2].map(async () => {
      while (!enough.signal.aborted) tokens.push(await platform.token())
    }),
  )
  const kidOf = (token: string | undefined) => jwtParts(token ?? '').header['kid']
  const kids = () => new Set(tokens.map(kidOf))
  await until(() => tokens.length > 5)
  const turned = await admin.send('POST', '/keys/rotate', {})
  t.match(turned, {
    status: 200,
    body: { items: [{ state: 'signing' }, { state: 'published' }, { state: 'retiring' }] },
  })
  await until(() => kids().size === 2)
  const early = await admin.send('POST', '/keys/rotate', {})
  t.match(
    early,
    { status: 409, body: { code: 'conflict', detail: /every verifier/ } },
    'the next key is too new',
  )

  platform.clock.advance(24 * 3_600_000)
  await until(() => kids().size === 3)
  enough.abort()
  await load
  const keys = createRemoteJWKSet(new URL('/oauth/jwks', issuer))
  const options = { issuer, audience: resource, clockTolerance: 2 * 86_400 }
  for (const token of tokens) t.match(await jwtVerify(token, keys, options), { payload: { iss: issuer } })
})

t.test('an emergency takes a key out of the JWKS at once and says so in an event', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const kid = textField(listField((await admin.get('/keys')).body, 'items')[0], 'kid')
  t.equal((await admin.send('POST', '/keys/nobody/retire', { emergency: true })).status, 404)
  t.equal((await admin.send('POST', `/keys/${kid}/retire`, { emergency: true })).status, 200)
  const jwks = await (await fetch(new URL('/oauth/jwks', platform.config.issuer))).text()
  t.notMatch(jwks, kid)
  t.equal((await admin.get('/keys')).status, 401, 'the token that did it was signed by that key')
  t.not(jwtParts(await platform.token()).header['kid'], kid)
  const again = await Admin.of(platform)
  t.match((await again.get('/audit?q=key.revoked')).body, {
    items: [{ details: { kid }, actor: 'gatehouse-cli' }],
  })
  await withStore(platform, async ({ db }) => {
    const { claims } = await db.selectFrom('events').select('claims').executeTakeFirstOrThrow()
    t.match(claims, /key-retired/)
    t.match(claims, kid)
  })
})
