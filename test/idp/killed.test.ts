import t, { type Test } from 'tap'
import { startIdpProcess } from '../harness/idp-process.ts'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { postgresFor } from '../harness/postgres.ts'
import { newCode, newPkce, outcome, refresh, tokenRequest } from './native.ts'
import { locationOf } from './person.ts'
import { WebClient } from './web.ts'

/** What the identity server has answered is there after it was killed in the next moment. */
async function suite(t: Test, store?: string): Promise<void> {
  // A server may take its time to start again.
  const config = `idp: { registration: { who: anyone }, refreshGrace: 5m${store === undefined ? '' : `, store: '${store}'`} }`
  const platform = await startPlatform({ only: ['idp'], t, config })
  const { issuer } = platform.config
  await platform.stopPart('idp')
  const run = () => startIdpProcess(t, platform, config, { inItsPlace: true })
  let idp = await run()
  const killAndRestart = async (): Promise<void> => {
    await idp.kill()
    idp = await run()
  }

  const web = new WebClient(platform)
  const arrived = await web.authorize()
  await killAndRestart()
  const again = await arrived.person.follow(await arrived.person.open(await web.pushedUrl(newPkce())))
  t.ok(locationOf(again).searchParams.has('code'), 'the session and the consent')

  const first = textField(await (await web.redeem(arrived)).json(), 'refresh_token')
  await killAndRestart()
  t.equal(await outcome(await web.redeem(arrived)), '400 invalid_grant', 'the code is used')
  t.equal(await outcome(await web.refresh(first)), '400 invalid_grant', 'and its second use ended the family')

  const { params: others } = await newCode(platform)
  const second = textField(await (await tokenRequest(issuer, others)).json(), 'refresh_token')
  const third = textField(await (await refresh(issuer, second)).json(), 'refresh_token')
  await killAndRestart()
  t.equal(
    textField(await (await refresh(issuer, second)).json(), 'refresh_token'),
    third,
    'the same successor',
  )
  t.equal(await outcome(await refresh(issuer, third)), '200', 'a refresh token')

  const registered = await fetch(new URL('/oauth/register', issuer), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'none' }),
  })
  t.equal(registered.status, 201)
  const client: unknown = await registered.json()
  await killAndRestart()
  const found = await fetch(textField(client, 'registration_client_uri'), {
    headers: { authorization: `Bearer ${textField(client, 'registration_access_token')}` },
  })
  t.equal(found.status, 200, 'a client')
}

t.test('killed right after its answers, on SQLite', { timeout: 240_000 }, (t) => suite(t))

t.test('killed right after its answers, on PostgreSQL', { timeout: 240_000 }, async (t) => {
  const postgres = await postgresFor(t)
  if (postgres !== undefined) await suite(t, await postgres.createDatabase())
})
