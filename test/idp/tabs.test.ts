import t, { type Test } from 'tap'
import { jwtParts, startPlatform, type Platform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { postgresFor } from '../harness/postgres.ts'
import { Admin } from './admin.ts'
import {
  authorize,
  authorizeUrl,
  nativeClient,
  newPkce,
  newTokens,
  redirectUri,
  tokenRequest,
} from './native.ts'
import type { Person } from './person.ts'
import { withStore } from './registered.ts'
import { WebClient } from './web.ts'

/** What one tab ends up with: the `sid` of its tokens. */
async function nativeTab(platform: Platform, person: Person): Promise<string> {
  const { issuer } = platform.config
  const pkce = newPkce()
  const { callback } = await authorize(platform, authorizeUrl(issuer, pkce, { prompt: 'consent' }), {
    person,
  })
  const answer = await tokenRequest(issuer, {
    grant_type: 'authorization_code',
    client_id: nativeClient,
    redirect_uri: redirectUri,
    code: callback.searchParams.get('code') ?? '',
    code_verifier: pkce.verifier,
  })
  return sidOf(await answer.json())
}

async function webTab(platform: Platform, person: Person): Promise<string> {
  const web = new WebClient(platform)
  const arrived = await web.authorize({}, { person })
  return sidOf(await (await web.redeem(arrived)).json())
}

function sidOf(tokens: unknown): string {
  return textField(jwtParts(textField(tokens, 'access_token')).payload, 'sid')
}

async function revokedSids(platform: Platform): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  await withStore(platform, async ({ db }) => {
    for (const { claims } of await db.selectFrom('events').select('claims').execute())
      for (const [, sid = ''] of claims.matchAll(/"id":"([^"]+)"/g)) found.add(sid)
  })
  return found
}

async function suite(t: Test, store?: string): Promise<void> {
  const config = store === undefined ? {} : { config: `idp: { store: '${store}' }` }
  const platform = await startPlatform({ only: ['idp'], t, ...config })
  const { person, accessToken } = await newTokens(platform)
  const first = sidOf({ access_token: accessToken })
  const tabs = Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? webTab : nativeTab)(platform, person))
  const sids = new Set([first, ...(await Promise.all(tabs))])
  t.ok(sids.size >= 2, 'each tab has its tokens')
  t.same(await revokedSids(platform), new Set(), 'no tab ended the session of another')

  const admin = await Admin.of(platform)
  const { body } = await admin.get('/sessions')
  for (const session of listField(body, 'items'))
    await admin.send('DELETE', `/sessions/${textField(session, 'id')}`)
  const revoked = await revokedSids(platform)
  for (const sid of sids) t.ok(revoked.has(sid), 'signing out ends what each tab got')
}

t.test('many tabs of one browser at once, on SQLite', (t) => suite(t))

t.test('many tabs of one browser at once, on PostgreSQL', { timeout: 240_000 }, async (t) => {
  const postgres = await postgresFor(t)
  if (postgres !== undefined) await suite(t, await postgres.createDatabase())
})
