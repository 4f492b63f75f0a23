import { createHash, X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { withClientsConfig } from './keyed-client.ts'
import { outcome } from './native.ts'

const life = { days: 1, now: new Date() }
const ca = createCa({ trustDomain: 'partners.example', ...life })
const foreignCa = createCa({ trustDomain: 'partners.example', ...life })
const leaf = (name: string, by = ca) =>
  issueWorkload({ ca: by, trustDomain: 'partners.example', name, hosts: [`${name}.example`], ...life })
const [shop, other, forged] = [leaf('shop'), leaf('other'), leaf('shop', foreignCa)] as const
const base64 = (pem: string) => new X509Certificate(pem).raw.toString('base64')

const machine = {
  grant_types: ['client_credentials'],
  scope: 'orders:read',
  tls_client_certificate_bound_access_tokens: true,
}
const clients = [
  {
    entry: {
      ...machine,
      client_id: 'certified',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_uri: 'spiffe://partners.example/shop',
    },
  },
  {
    entry: {
      ...machine,
      client_id: 'self-signed',
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: JSON.stringify({
        keys: [
          {
            ...new X509Certificate(other.certPem).publicKey.export({ format: 'jwk' }),
            x5c: [base64(other.certPem)],
          },
        ],
      }),
    },
  },
]

function start(t: Test, trustedProxies: readonly string[]) {
  const file = join(t.testdir({}), 'ca.pem')
  writeFileSync(file, ca.certPem)
  const config = withClientsConfig(clients, { trustedProxies, mtls: { header: 'Client-Cert', ca: file } })
  return startPlatform({ only: ['idp'], t, config })
}

t.test('clients that prove themselves by a certificate, at a proxy', async (t) => {
  const { issuer } = (await start(t, ['127.0.0.1', '::1'])).config
  const ask = (client_id: string, certificate: string, header = 'client-cert') =>
    fetch(new URL('/oauth/token', issuer), {
      method: 'POST',
      headers: { [header]: certificate },
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id }),
    })
  const rfc9440 = (pem: string) => `:${base64(pem)}:`

  for (const [id, { certPem }] of [
    ['certified', shop],
    ['self-signed', other],
  ] as const) {
    for (const written of [rfc9440(certPem), encodeURIComponent(certPem)]) {
      const answer = await ask(id, written)
      t.equal(answer.status, 200, id)
      const thumbprint = createHash('sha256').update(new X509Certificate(certPem).raw).digest('base64url')
      const { payload } = jwtParts(textField(await answer.json(), 'access_token'))
      t.same(payload['cnf'], { 'x5t#S256': thumbprint }, 'the token is bound to it')
    }
  }
  for (const [what, id, certificate] of [
    ['another name', 'certified', rfc9440(other.certPem)],
    ['another authority', 'certified', rfc9440(forged.certPem)],
    ['not the registered one', 'self-signed', rfc9440(shop.certPem)],
  ] as const) {
    t.equal(await outcome(await ask(id, certificate)), '401 invalid_client', what)
  }
  const direct = await ask(
    'certified',
    base64(shop.certPem).replace(/\W/g, ''),
    'x-gatehouse-client-certificate',
  )
  t.equal(await outcome(direct), '401 invalid_client', 'our own header is nobody else’s')
  t.equal((await ask('certified', 'garbage')).status, 400)
})

t.test('from anybody but a trusted proxy the header is worth nothing', async (t) => {
  const { issuer } = (await start(t, ['192.0.2.1'])).config
  const answer = await fetch(new URL('/oauth/token', issuer), {
    method: 'POST',
    headers: { 'client-cert': `:${base64(shop.certPem)}:` },
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'certified' }),
  })
  t.equal(await outcome(answer), '401 invalid_client')
})
