import t from 'tap'
import { stringify } from 'yaml'
import { faultsOf, load, validRoute, withRoute } from './config-load.ts'

const machine = { client_id: 'app', grant_types: ['client_credentials'], scope: 'things:read' }
const proxied = { trustedProxies: ['127.0.0.1'] }

function config(client: object, idp: object = {}): string {
  const clients = [{ ...machine, token_endpoint_auth_method: 'private_key_jwt', ...client }]
  return `${withRoute(...validRoute)}\n${stringify({ idp: { ...idp, clients } })}`
}

/** What a client asks for that is off, and what is said of it. */
const off = [
  [
    { token_endpoint_auth_method: 'self_signed_tls_client_auth' },
    {},
    [/auth_method needs idp\.mtls\.header/],
  ],
  [
    { token_endpoint_auth_method: 'tls_client_auth' },
    {},
    [/auth_method needs idp\.mtls\.header/, /auth_method needs idp\.mtls\.ca/],
  ],
  [
    { token_endpoint_auth_method: 'tls_client_auth' },
    { ...proxied, mtls: { header: 'Client-Cert' } },
    [/auth_method needs idp\.mtls\.ca/],
  ],
  [
    { tls_client_certificate_bound_access_tokens: true },
    {},
    [/tls_client_certificate_bound_access_tokens needs idp\.mtls\.header/],
  ],
  [
    { grant_types: ['urn:openid:params:grant-type:ciba'] },
    {},
    [/grant_types\[0\] needs idp\.ciba\.enabled: true/],
  ],
  [{ response_types: ['code id_token'] }, {}, [/response_types\[0\] needs idp\.profile: certification/]],
  [{ id_token_signed_response_alg: 'RS256' }, {}, [/response_alg needs idp\.profile: certification/]],
] as const

t.test('a client that asks for what is off is a fault where it is written', async (t) => {
  for (const [client, idp, faults] of off) {
    const told = faultsOf(config(client, idp)).map(({ path, message }) => `${path} ${message}`)
    t.match(told, faults, JSON.stringify(client))
    t.equal(told.length, faults.length)
  }
})

t.test('and none where it is on', async (t) => {
  const mtls = { header: 'Client-Cert', ca: '/etc/gatehouse/partners.pem' }
  const client = {
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'app.example',
    tls_client_certificate_bound_access_tokens: true,
  }
  t.equal(load(config(client, { ...proxied, mtls })).idp.protocol.clients.length, 1)
})

t.test('scopes are written as RFC 6749 section 3.3 has them', async (t) => {
  for (const scope of ['é', 'things:read é', 'a\tb', 'a\nb', 'a"b', 'a\\b']) {
    const told = faultsOf(config({ scope })).map(({ path }) => path)
    t.same(told, ['idp.clients[0].scope'], JSON.stringify(scope))
  }
  for (const scope of ['', 'openid', 'openid  things:read']) t.ok(load(config({ scope })), scope)
})
