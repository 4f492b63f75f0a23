import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import http2 from 'node:http2'
import { request } from 'node:https'
import { connect } from 'node:tls'
import t from 'tap'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import type { CertifiedKey } from '@gatehouse/kit/mtls/ca'
import { refused } from './refused.ts'
import { startRig, type Rig } from './rig.ts'

const life = { days: 1, now: new Date() }
const trustDomain = 'partners.example'
const ca = createCa({ trustDomain, ...life })
const leaf = (name: string) =>
  issueWorkload({ ca, trustDomain, name, hosts: [`${name}.example`], purposes: ['client'], ...life })
const [shop, other] = [leaf('shop'), leaf('other')]
const path = '/api/orders'

function boundTo(rig: Rig, { certPem }: CertifiedKey): string {
  const thumbprint = createHash('sha256').update(new X509Certificate(certPem).raw).digest('base64url')
  return rig.issuer.token({ cnf: { 'x5t#S256': thumbprint } })
}

const tls = (more: string) => `
gateway:
  origin: https://localhost:\${port:0}
  tls: { cert: '\${data}/certs/gateway.pem', key: '\${data}/certs/gateway.key'${more} }
`

/** Who the caller is by TLS: with a certificate, or without. */
function partyOf(rig: Rig, own: CertifiedKey | undefined) {
  const server = { ca: readFileSync(`${rig.paths.certs}/ca.pem`), servername: 'localhost' }
  return own === undefined ? server : { ...server, cert: own.certPem, key: own.keyPem }
}

function statusOf(rig: Rig, token: string, own?: CertifiedKey): Promise<number | undefined> {
  const options = { host: 'localhost', port: rig.port, path, agent: false, ...partyOf(rig, own) }
  return new Promise((resolve, reject) => {
    request({ ...options, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
      .on('error', reject)
      .end()
  })
}

async function statusByHttp2(rig: Rig, token: string, own: CertifiedKey): Promise<unknown> {
  const session = http2.connect(`https://localhost:${rig.port}`, partyOf(rig, own))
  const stream = session.request({ ':path': path, authorization: `Bearer ${token}` })
  const status = await new Promise((resolve, reject) => {
    stream.once('response', (headers) => resolve(headers[':status'])).once('error', reject)
  })
  stream.resume()
  session.destroy()
  return status
}

t.test('a token that is bound to a certificate, where the gateway itself asks for one', async (t) => {
  const rig = await startRig(t, { config: tls(', clientCertificates: true') })
  const token = boundTo(rig, shop)
  t.equal(await statusOf(rig, token, shop), 200)
  t.equal(await statusByHttp2(rig, token, shop), 200)
  const before = rig.reached()
  t.equal(await statusOf(rig, token, other), 401, 'a thief')
  t.equal(await statusByHttp2(rig, token, other), 401)
  t.equal(await statusOf(rig, token), 401, 'nobody')
  t.equal(rig.reached(), before)
  t.equal(await statusOf(rig, rig.issuer.token()), 200, 'nobody needs a certificate')
  t.equal(await statusOf(rig, rig.issuer.token(), other), 200)
})

t.test('TLS 1.2 with what BCP 195 recommends, and nobody asked for a certificate without need', async (t) => {
  const rig = await startRig(t, { config: tls('') })
  t.equal(await statusOf(rig, boundTo(rig, shop), shop), 401)
  const by = (ciphers: string): Promise<string> =>
    new Promise((resolve) => {
      const options = { host: 'localhost', port: rig.port, ...partyOf(rig, undefined), ciphers }
      const socket = connect({ ...options, maxVersion: 'TLSv1.2' }, () => {
        resolve(socket.getCipher().name)
        socket.destroy()
      }).on('error', () => resolve('none'))
    })
  for (const good of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'])
    t.equal(await by(good), good)
  for (const bad of ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA', 'ECDHE-ECDSA-CHACHA20-POLY1305'])
    t.equal(await by(bad), 'none', bad)
})

const behind = (proxy: string) =>
  `gateway: { trustedProxies: ['${proxy}', '::1'], mtls: { header: Client-Cert } }`

t.test('the same behind a proxy that passes certificates on', async (t) => {
  const rig = await startRig(t, { config: behind('127.0.0.1') })
  const token = boundTo(rig, shop)
  const written = ({ certPem }: CertifiedKey) => ({
    rfc9440: `:${new X509Certificate(certPem).raw.toString('base64')}:`,
    nginx: encodeURIComponent(certPem),
  })
  for (const header of Object.values(written(shop))) {
    t.equal((await rig.call({ path, token, headers: { 'client-cert': header } })).status, 200)
    t.equal(rig.services.orders.only().headers['client-cert'], undefined, 'goes no further')
  }
  const refuse = (what: string, header: string, expected: readonly [number, string]) =>
    refused(t, rig, what, { path, token, headers: { 'client-cert': header } }, expected)
  await refuse('a thief', written(other).rfc9440, [401, 'invalid_token'])
  await refuse('nobody', '', [401, 'invalid_token'])
  // A proxy that adds its own header and leaves the caller's where it is: a certificate is no secret.
  for (const [form, stolen] of Object.entries(written(shop))) {
    const headers = { 'client-cert': [stolen, written(other).nginx] }
    await refused(t, rig, `one of two, ${form}`, { path, token, headers }, [400, 'invalid_request'])
  }
  await refuse('unreadable', ':bm90aGluZw==:', [400, 'invalid_request'])
  const metadata = await rig.call({ path: '/.well-known/oauth-protected-resource' })
  t.equal(metadata.json['tls_client_certificate_bound_access_tokens'], true)
})

t.test('from anybody but a trusted proxy the header is worth nothing', async (t) => {
  const rig = await startRig(t, { config: behind('192.0.2.1').replace(", '::1'", '') })
  const header = `:${new X509Certificate(shop.certPem).raw.toString('base64')}:`
  const sending = { path, token: boundTo(rig, shop), headers: { 'client-cert': header } }
  await refused(t, rig, 'no proxy', sending, [401, 'invalid_token'])
})
