import { request } from 'node:http'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { withoutDrawn } from '../harness/drawn.ts'
import { startPlatform, type Platform } from '../harness/index.ts'
import { nativeClient, newPkce } from './native.ts'

/** What somebody says who would like to be a proxy. */
const said = {
  'x-forwarded-for': '198.51.100.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-port': '444',
  'x-forwarded-prefix': '/evil',
  'x-real-ip': '198.51.100.7',
  'x-original-url': '/account',
  forwarded: 'for=198.51.100.7;host=evil.example;proto=https',
}

async function get(platform: Platform, path: string, headers: Readonly<Record<string, string>>) {
  const sent = request(new URL(path, platform.config.issuer), { headers: { ...headers } })
  sent.end()
  const [answer] = await once(sent, 'response')
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

const authorization = () => {
  const query = new URLSearchParams({
    client_id: nativeClient,
    response_type: 'code',
    redirect_uri: 'http://127.0.0.1:49152/callback',
    scope: 'openid',
    code_challenge: newPkce().challenge,
    code_challenge_method: 'S256',
  })
  return `/oauth/authorize?${query.toString()}`
}

for (const [who, trustedProxies] of [
  ['nobody is a proxy', []],
  ['somebody else is the proxy', ['192.0.2.1']],
] as const) {
  t.test(`forwarded headers count for nothing: ${who}`, async (t) => {
    const config = `idp: { trustedProxies: [${trustedProxies.join()}] }`
    const platform = await startPlatform({ only: ['idp'], t, config })
    const path = '/.well-known/openid-configuration'
    const metadata = await get(platform, path, said)
    t.equal(metadata.status, 200)
    t.notMatch(metadata.body, 'evil')
    t.equal(metadata.body, (await get(platform, path, {})).body)
    const begun = await get(platform, authorization(), said)
    t.match(begun.headers.location, /^\/interaction\//)
    t.notMatch(withoutDrawn(JSON.stringify(begun.headers)), 'evil')
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'nobody' })
    await fetch(`${platform.config.issuer}/oauth/token`, { method: 'POST', body, headers: said })
    t.notMatch(platform.logs('idp').join(), '198.51.100.7')
  })
}

t.test('nor do they move a host: Host alone says whom a request is for', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { host } = new URL(platform.config.issuer)
  const seen = await get(platform, '/account', {
    host: 'evil.example',
    'x-forwarded-host': host,
    forwarded: `host=${host}`,
  })
  t.equal(seen.status, 421)
})
