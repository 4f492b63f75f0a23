import { request as httpRequest } from 'node:http'
import { createServer } from 'node:https'
import { once } from 'node:events'
import { TLSSocket } from 'node:tls'
import * as oidc from 'openid-client'
import t, { type Test } from 'tap'
import { Agent, setGlobalDispatcher } from 'undici'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { isRecord, startPlatform } from '../harness/index.ts'
import { freePortBase } from '../harness/ports.ts'
import { withClientsConfig } from './keyed-client.ts'
import { authorize, nativeClient, redirectUri } from './native.ts'
import { Person } from './person.ts'

const life = { days: 1, now: new Date() }
const trustDomain = 'proxy.example'
const ca = createCa({ trustDomain, ...life })
const leaf = issueWorkload({ ca, trustDomain, name: 'proxy', hosts: ['localhost'], ...life })

/** Ends TLS as nginx or Caddy would: `Host` passes, forwarded headers and the client's certificate are its own. */
async function startProxy(t: Test, port: number, target: number): Promise<void> {
  const server = createServer({
    cert: leaf.certPem,
    key: leaf.keyPem,
    requestCert: true,
    rejectUnauthorized: false,
  })
  server.on('request', (incoming, outgoing) => {
    const { socket } = incoming
    const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
    const headers = { ...incoming.headers, 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }
    const own = certificate === undefined ? {} : { 'client-cert': `:${certificate.raw.toString('base64')}:` }
    const { method, url: path } = incoming
    const onward = httpRequest({
      host: 'localhost',
      port: target,
      method,
      path,
      headers: { ...headers, ...own },
    })
    onward.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  server.listen(port, 'localhost')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
}

t.test('TLS ends at a proxy that the configuration names', async (t) => {
  const port = (await freePortBase()) + 5
  const issuer = `https://localhost:${port}`
  const machine = {
    entry: {
      client_id: 'certified',
      grant_types: ['client_credentials'],
      scope: 'orders:read',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_uri: `spiffe://${trustDomain}/proxy`,
    },
  }
  const file = `${t.testdir({ 'ca.pem': ca.certPem })}/ca.pem`
  const idp = { trustedProxies: ['127.0.0.1', '::1'], mtls: { header: 'Client-Cert', ca: file } }
  const config = `issuer: ${issuer}\n${withClientsConfig([machine], idp)}`
  const platform = await startPlatform({ only: ['idp'], t, config })
  await startProxy(t, port, platform.portBase + 1)
  const plain = new Agent({ connect: { ca: ca.certPem } })
  setGlobalDispatcher(plain)
  t.teardown(() => plain.close())

  const configuration = await oidc.discovery(new URL(issuer), nativeClient, undefined, oidc.None())
  await t.test('metadata and cookies are those of https', async (t) => {
    const metadata = { ...configuration.serverMetadata() }
    const urls = Object.entries(metadata).filter(([name]) => /_(endpoint|uri)$/.test(name))
    t.ok(urls.length >= 9)
    for (const [name, url] of urls) t.ok(typeof url === 'string' && url.startsWith(`${issuer}/`), name)
    const person = new Person()
    const seen = await person.open(`${issuer}/account`)
    for (const cookie of seen.headers.getSetCookie()) t.match(cookie, /; secure/i)
  })

  await t.test('a certified client goes through the whole code flow', async (t) => {
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid profile',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    })
    const { callback, person } = await authorize(platform, url)
    t.ok(person.jar.get('__Host-idp-session') !== undefined)
    const tokens = await oidc.authorizationCodeGrant(configuration, callback, {
      pkceCodeVerifier,
      expectedState: oidc.skipStateCheck,
    })
    t.equal(tokens.claims()?.iss, issuer)
    t.equal(tokens.claims()?.sub, 'acc-alice')
  })

  const form = () => new URLSearchParams({ grant_type: 'client_credentials', client_id: 'certified' })
  await t.test('a client proves itself to the proxy by its certificate', async (t) => {
    const certified = new Agent({ connect: { ca: ca.certPem, cert: leaf.certPem, key: leaf.keyPem } })
    setGlobalDispatcher(certified)
    t.equal((await fetch(`${issuer}/oauth/token`, { method: 'POST', body: form() })).status, 200)
    setGlobalDispatcher(plain)
    const without = await fetch(`${issuer}/oauth/token`, { method: 'POST', body: form() })
    const body: unknown = await without.json()
    t.same([without.status, isRecord(body) && body['error']], [401, 'invalid_client'])
    await certified.close()
  })

  t.ok(
    platform.logs('idp').some((line) => line.includes('"ip":"203.0.113.9"')),
    'the address is the one that the proxy tells',
  )
})
