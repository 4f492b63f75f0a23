import { readFileSync, readdirSync } from 'node:fs'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { authorizeUrl, newPkce, newTokens, outcome, refresh } from './native.ts'
import { locationOf } from './person.ts'
import { withStore } from './registered.ts'
import { WebClient } from './web.ts'

t.test('a second start finds what the first one left, and changes nothing', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const web = new WebClient(platform)
  const keys = async (): Promise<string> => (await fetch(new URL('/oauth/jwks', issuer))).text()
  const read = (): string => readFileSync(platform.paths.credentials, 'utf8')
  const registered = async (): Promise<readonly string[]> => {
    const rows: string[] = []
    await withStore(platform, async ({ db }) => {
      for (const table of ['accounts', 'clients'] as const)
        for (const row of await db.selectFrom(table).selectAll().execute()) rows.push(JSON.stringify(row))
    })
    // PostgreSQL puts a row elsewhere when somebody holds it.
    return rows.toSorted()
  }
  const state = async () => ({ keys: await keys(), credentials: read(), registered: await registered() })
  const before = await state()
  const { refreshToken } = await newTokens(platform)
  const { person } = await web.authorize()
  const halfway = await person.follow(await person.open(authorizeUrl(issuer, newPkce(), { prompt: 'login' })))

  await platform.restart('idp')
  t.same(await state(), before)
  t.notOk(
    readdirSync(platform.paths.dir).some((name) => /^credentials\.json./.test(name)),
    'no draft is left behind',
  )
  t.equal((await platform.requestToken()).status, 200, 'clients')
  t.equal(await outcome(await refresh(issuer, refreshToken)), '200', 'grants')
  const seen = await person.follow(await person.open(await web.pushedUrl(newPkce())))
  t.ok(locationOf(seen).searchParams.has('code'), 'sessions and consents')
  const resumed = await person.signIn(halfway, 'alice', platform.credentials.password('alice'))
  t.match(resumed.html, /Allow <bdi>Demo native application/, 'even a sign-in that was under way')
})

t.test('the gateway is registered as it is configured', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t, config: 'idp: { demo: false }' })
  const web = new WebClient(platform)
  t.equal((await web.push(newPkce())).status, 201, 'without the demo too')
  t.notOk(readdirSync(platform.paths.dir).includes('credentials.json'), 'and nobody else')
})
