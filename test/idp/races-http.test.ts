import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { startIdpProcess, type Answer, type IdpProcess, type ToSend } from '../harness/idp-process.ts'
import { isRecord, startPlatform, type Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { postgresFor } from '../harness/postgres.ts'
import { accountPageOf } from './account-page.ts'
import { Admin } from './admin.ts'
import { assertionType, clientAssertion } from './assertion.ts'
import { nativeClient, newCode, newPkce, newTokens } from './native.ts'
import { Person } from './person.ts'
import { WebClient } from './web.ts'

const tries = 50
const token = '/oauth/token'

/** A request that may succeed once, and what the 49 others get. */
type Case = readonly [
  what: string,
  refused: RegExp,
  prepare: (platform: Platform) => Promise<readonly [string, ToSend]>,
]

const cases: readonly Case[] = [
  ['a code', /^400 invalid_grant$/, async (platform) => [token, { form: (await newCode(platform)).params }]],
  [
    'a refresh token',
    /^400 invalid_grant$/,
    async (platform) => [token, { form: await refreshForm(platform) }],
  ],
  ['a pushed request', /^(303 invalid_request_uri|400 )$/, pushedBySignedIn],
  [
    'a device code',
    /^400 (invalid_grant|slow_down)$/,
    async (platform) => [token, { form: await deviceForm(platform) }],
  ],
  [
    'a client assertion',
    /^401 invalid_client$/,
    async (platform) => [token, { form: await assertionForm(platform) }],
  ],
  ['a DPoP proof', /^400 invalid_grant$/, async (platform) => [token, await proven(platform)]],
  [
    'a request over the back channel',
    /^400 (invalid_grant|slow_down)$/,
    async (platform) => [token, await allowedByPhone(platform)],
  ],
]

/** Two processes on one database are asked 50 times at once. */
async function suite(t: Test, store: string | undefined): Promise<void> {
  const config = stringify({ idp: { ciba: { enabled: true }, ...(store === undefined ? {} : { store }) } })
  const platform = await startPlatform({ only: ['idp'], t, config })
  const doors = await Promise.all([1, 2].map(() => startIdpProcess(t, platform, config)))
  for (const [what, refused, prepare] of cases) {
    const outcomes = await outcomesOf(doors, ...(await prepare(platform)))
    t.equal(outcomes.filter((one) => one === '200').length, 1, `${what}: one success`)
    t.equal(
      outcomes.filter((one) => refused.test(one)).length,
      tries - 1,
      `${what}: all others ${String(refused)}, of ${[...new Set(outcomes)].join()}`,
    )
  }
}

async function outcomesOf(
  doors: readonly IdpProcess[],
  path: string,
  init: ToSend,
): Promise<readonly string[]> {
  const all = Array.from({ length: tries / doors.length }, () => doors.map((door) => door.send(path, init)))
  return (await Promise.all(all.flat())).map(outcome)
}

function outcome({ status, text, location }: Answer): string {
  if (location !== undefined) {
    const { searchParams } = new URL(location, 'http://relative')
    return searchParams.has('code') ? '200' : `${status} ${searchParams.get('error') ?? ''}`
  }
  const body: unknown = text.startsWith('{') ? JSON.parse(text) : undefined
  return status === 200 ? '200' : `${status} ${isRecord(body) ? String(body['error']) : ''}`
}

async function refreshForm(platform: Platform) {
  const { refreshToken } = await newTokens(platform)
  return { grant_type: 'refresh_token', client_id: nativeClient, refresh_token: refreshToken }
}

/** Before a person has answered, a pushed request may be opened again; who is signed in and has agreed gets a code at once. */
async function pushedBySignedIn(platform: Platform): Promise<readonly [string, ToSend]> {
  const web = new WebClient(platform)
  const { person } = await web.authorize()
  const url = await web.pushedUrl(newPkce())
  return [url.pathname + url.search, { headers: { cookie: person.jar.header(url) } }]
}

/** Of a device that a person has just connected. */
async function deviceForm(platform: Platform) {
  const asked = { client_id: nativeClient, scope: 'openid orders:read' }
  const url = new URL('/oauth/device', platform.config.issuer)
  const device: unknown = await (
    await fetch(url, { method: 'POST', body: new URLSearchParams(asked) })
  ).json()
  const person = new Person()
  const entry = await person.open(textField(device, 'verification_uri_complete'))
  const confirm = await person.submit(entry, 'Continue')
  const login = await person.follow(await person.submit(confirm, 'Yes, connect it'))
  const page = await person.signIn(login, 'bob', platform.credentials.password('bob'))
  await person.follow(await person.submit(page, 'Allow'))
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  return { grant_type, client_id: nativeClient, device_code: textField(device, 'device_code') }
}

async function assertionForm({ config, paths }: Platform) {
  const client = { id: 'demo-machine-jwt', keyFile: paths.demoMachineKey, issuer: config.issuer }
  const client_assertion = await clientAssertion(client)
  return { grant_type: 'client_credentials', client_assertion_type: assertionType, client_assertion }
}

async function proven({ config, credentials }: Platform): Promise<ToSend> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const dpop = await new SignJWT({ htm: 'POST', htu: `${config.issuer}${token}`, jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .sign(privateKey)
  const basic = Buffer.from(`demo-machine:${credentials.clientSecret('demo-machine') ?? ''}`).toString(
    'base64',
  )
  return { headers: { dpop, authorization: `Basic ${basic}` }, form: { grant_type: 'client_credentials' } }
}

/** A client asked for alice over the back channel (CIBA), and she has just allowed it. */
async function allowedByPhone(platform: Platform): Promise<ToSend> {
  const { issuer } = platform.config
  const grant_type = 'urn:openid:params:grant-type:ciba'
  const admin = await Admin.of(platform)
  const client = {
    client_id: 'teller',
    client_name: 'Teller',
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: [grant_type],
    response_types: [],
    redirect_uris: [],
    scope: 'openid',
    backchannel_token_delivery_mode: 'poll',
  }
  const secret = textField((await admin.send('POST', '/clients', client)).body, 'client_secret')
  const headers = { authorization: `Basic ${Buffer.from(`teller:${secret}`).toString('base64')}` }
  const body = new URLSearchParams({ scope: 'openid', login_hint: 'alice', binding_message: 'Window 3' })
  const asked: unknown = await (
    await fetch(`${issuer}/oauth/backchannel`, { method: 'POST', headers, body })
  ).json()
  const { person, page } = await accountPageOf(platform, 'alice')
  await person.submit(page, 'Allow')
  return { headers, form: { grant_type, auth_req_id: textField(asked, 'auth_req_id') } }
}

t.test('two identity servers on one SQLite file', { timeout: 240_000 }, (t) => suite(t, undefined))

t.test('two identity servers on one PostgreSQL', { timeout: 240_000 }, async (t) => {
  const postgres = await postgresFor(t)
  if (postgres !== undefined) await suite(t, await postgres.createDatabase())
})
