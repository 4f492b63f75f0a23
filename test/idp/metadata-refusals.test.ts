import t, { type Test } from 'tap'
import { startPlatform, type Platform } from '../harness/index.ts'
import { isRecord, listField } from '../harness/json.ts'
import { authorizeUrl, newPkce, outcome, tokenRequest } from './native.ts'
import { Person } from './person.ts'

/** Everything that the library, or a standard, has under these names. */
const every = {
  grant_types_supported: [
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:openid:params:grant-type:ciba',
    'implicit',
    'password',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:ietf:params:oauth:grant-type:saml2-bearer',
  ],
  response_types_supported: [
    'code',
    'id_token',
    'code id_token',
    'token',
    'id_token token',
    'code token',
    'code id_token token',
    'none',
  ],
  response_modes_supported: [
    'query',
    'fragment',
    'form_post',
    'web_message',
    'jwt',
    'query.jwt',
    'fragment.jwt',
    'form_post.jwt',
    'web_message.jwt',
  ],
  code_challenge_methods_supported: ['S256', 'plain'],
} as const

const endpoints = {
  registration_endpoint: '/oauth/register',
  backchannel_authentication_endpoint: '/oauth/backchannel',
  check_session_iframe: '/session/check',
  challenge_endpoint: '/challenge',
} as const

/** What the authorization endpoint says of a request: an error, or `asked to sign in`. */
async function answerTo(platform: Platform, changes: Readonly<Record<string, string>>): Promise<string> {
  const seen = await new Person().open(authorizeUrl(platform.config.issuer, newPkce(), changes))
  const location = seen.headers.get('location') ?? ''
  if (location.startsWith('/interaction/')) return 'asked to sign in'
  const told = /(?:[?&#]error=|name="error" value=")(\w+)/.exec(location + seen.html)?.[1]
  return told ?? `${seen.status}`
}

/** The client is registered for one of them alone: what is off is told from what it may not. */
async function knowsResponseType(platform: Platform, response_type: string): Promise<boolean> {
  return (await answerTo(platform, { response_type, nonce: 'n' })) !== 'unsupported_response_type'
}

const tries = {
  grant_types_supported: async (platform: Platform, grant_type: string) => {
    // Nobody shows this one at the token endpoint.
    if (grant_type === 'implicit') return knowsResponseType(platform, 'id_token')
    const secret = platform.credentials.clientSecret('demo-machine') ?? ''
    const asked = await tokenRequest(platform.config.issuer, { grant_type }, { id: 'demo-machine', secret })
    return (await outcome(asked)) !== '400 unsupported_grant_type'
  },
  response_types_supported: knowsResponseType,
  response_modes_supported: async (platform: Platform, response_mode: string) =>
    (await answerTo(platform, { response_mode })) === 'asked to sign in',
  code_challenge_methods_supported: async (platform: Platform, code_challenge_method: string) =>
    (await answerTo(platform, { code_challenge_method })) === 'asked to sign in',
} as const

async function compare(on: Test, platform: Platform): Promise<void> {
  const { issuer } = platform.config
  const metadata: unknown = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
  if (!isRecord(metadata)) throw new Error('no metadata')
  for (const name of [
    'grant_types_supported',
    'response_types_supported',
    'response_modes_supported',
    'code_challenge_methods_supported',
  ] as const) {
    const listed = listField(metadata, name)
    const known: readonly unknown[] = every[name]
    on.same(
      listed.filter((value) => !known.includes(value)),
      [],
      `${name}: none that this test does not know`,
    )
    for (const value of every[name])
      on.equal(await tries[name](platform, value), listed.includes(value), `${name}: ${value}`)
  }
  for (const [name, path] of Object.entries(endpoints)) {
    const answer = await fetch(issuer + path, { method: 'POST' })
    await answer.body?.cancel()
    on.equal(answer.status !== 404, name in metadata, name)
  }
}

t.test('what is listed is there, and what is not listed is refused', async (t) => {
  await compare(t, await startPlatform({ only: ['idp'], t }))
})

t.test('so it is with what can be switched on', async (t) => {
  const config = 'idp: { ciba: { enabled: true }, registration: { who: anyone } }'
  await compare(t, await startPlatform({ only: ['idp'], t, config }))
})

t.test('and under the certification profile', async (t) => {
  const config = 'idp: { profile: certification, registration: { who: anyone } }'
  await compare(t, await startPlatform({ only: ['idp'], t, config }))
})
