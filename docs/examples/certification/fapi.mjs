// For the plans of FAPI 2.0, instead of gatehouse.yaml and suite.mjs. Keys and certificates of the clients are made once, beside this file:
//   node docs/examples/certification/fapi.mjs config > docs/examples/certification/fapi.yaml
//   node docs/examples/certification/fapi.mjs suite key-dpop openid .data/credentials.json > suite.json
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'

const issuer = 'https://idp.gatehouse.test:9443'
const gateway = 'https://localhost:3000'
const callback = (alias) => `https://localhost.emobix.co.uk:8443/test/a/${alias}/callback`
/** By alias: `client_auth_type` and `sender_constrain`; signed: `fapi_request_method=signed_non_repudiation`. */
const variants = {
  'key-dpop': { proof: 'key', holder: 'dpop' },
  'key-mtls': { proof: 'key', holder: 'mtls' },
  'mtls-mtls': { proof: 'mtls', holder: 'mtls' },
  'mtls-dpop': { proof: 'mtls', holder: 'dpop' },
  'key-dpop-signed': { proof: 'key', holder: 'dpop', signed: true },
  'mtls-mtls-signed': { proof: 'mtls', holder: 'mtls', signed: true },
}
const folder = process.env.FAPI_FILES ?? import.meta.dirname
const here = (name) => join(folder, name)

function madeOnce(file, make) {
  if (!existsSync(here(file))) writeFileSync(here(file), make(), { mode: 0o600 })
  return readFileSync(here(file), 'utf8')
}

function signingKey(kid) {
  const jwk = madeOnce(`${kid}.jwk`, () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' })
  })
  return JSON.parse(jwk)
}

function certificate(id) {
  const pair = madeOnce(`${id}.pair`, () => {
    const life = { trustDomain: 'fapi.example', days: 90, now: new Date() }
    const hosts = [`${id}.example`]
    return JSON.stringify(
      issueWorkload({ ca: createCa(life), name: id, hosts, purposes: ['client'], ...life }),
    )
  })
  const { certPem: cert, keyPem: key } = JSON.parse(pair)
  return { cert, key, ca: cert }
}

function certificateKey({ cert }) {
  const { raw, publicKey } = new X509Certificate(cert)
  return { ...publicKey.export({ format: 'jwk' }), x5c: [raw.toString('base64')] }
}

function client(alias, number) {
  const { proof, holder, signed = false } = variants[alias]
  const { d: _, ...signing } = signingKey(`${alias}-${number}`)
  const certificates = proof === 'mtls' ? [certificateKey(certificate(`client-${number}`))] : []
  return {
    client_id: `${alias}-${number}`,
    profile: 'fapi2',
    token_endpoint_auth_method: proof === 'mtls' ? 'self_signed_tls_client_auth' : 'private_key_jwt',
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    redirect_uris: [callback(alias), `${callback(alias)}?dummy1=lorem&dummy2=ipsum`],
    scope: 'openid profile email offline_access orders:read inventory:read',
    jwks: JSON.stringify({ keys: [signing, ...certificates] }),
    tls_client_certificate_bound_access_tokens: holder === 'mtls',
    require_signed_request_object: signed,
  }
}

/** JSON, which is YAML, over the routes of the default configuration. */
function config() {
  const clients = Object.keys(variants).flatMap((alias) => [client(alias, 1), client(alias, 2)])
  const idp = { demo: true, trustedProxies: ['127.0.0.1', '::1'], mtls: { header: 'Client-Cert' }, clients }
  const tls = { cert: here('tls.pem'), key: here('tls.key'), clientCertificates: true }
  const defaults = readFileSync(join(import.meta.dirname, '../../../gatehouse.yaml'), 'utf8')
  const own = Object.entries({ issuer, gateway: { origin: gateway, tls }, idp })
  const lines = own.map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
  return lines.join('') + defaults.slice(defaults.indexOf('\nroutes:'))
}

const page = (path, commands) => ({ task: path, match: `${issuer}${path}*`, optional: true, commands })
const text = (id, value) => ['text', 'id', id, value, 'optional']
const start = (...tasks) => ({ match: `${issuer}/oauth/authorize*`, tasks })
const once = (one, then) => ({ browser: [{ ...one, 'match-limit': 1 }, then] })
const go = ['click', 'css', 'main button']

/** What the suite's browser does, as alice. */
function browserOf(password) {
  const signIn = page('/interaction', [text('username', 'alice'), text('password', password), go])
  const cancel = page('/interaction', [['click', 'xpath', '//button[contains(.,"Cancel")]']])
  const look = page('/interaction', [['wait', 'xpath', '//*', 10, 'Sign in']])
  const fault = ['wait', 'xpath', '//*', 10, 'cannot', 'update-image-placeholder-optional']
  const done = [['wait', 'id', 'submission_complete', 10]]
  const back = { task: 'back', match: '*/test/*/callback*', optional: true, commands: done }
  const whole = start(signIn, page('/interaction', [go]), back)
  const refused = start(page('/oauth/authorize', [fault]), back)
  const override = {
    'user-rejects-authentication': { browser: [start(cancel, back)] },
    'ensure-unsigned-authorization-request-without-using-par-fails': { browser: [refused] },
    'par-attempt-to-use-expired-request_uri': { browser: [refused] },
    'par-attempt-to-use-request_uri-for-different-client': { browser: [refused] },
    'par-attempt-reuse-request_uri': once(whole, refused),
    'par-ensure-reused-request-uri-prior-to-auth-completion-succeeds': once(start(look), whole),
  }
  const named = Object.entries(override).map(([name, it]) => [`fapi2-security-profile-final-${name}`, it])
  return { browser: [whole], override: Object.fromEntries(named) }
}

/** With the scope `openid` the tokens are for the userinfo endpoint, without it for the gateway. */
function suite(alias, kind = 'openid', file = '.data/credentials.json') {
  const isOpenId = kind === 'openid'
  const { users } = JSON.parse(readFileSync(file, 'utf8'))
  const { password } = users.find(({ username }) => username === 'alice')
  const own = (number) => ({
    client_id: `${alias}-${number}`,
    scope: isOpenId ? 'openid profile email' : 'orders:read inventory:read',
    jwks: { keys: [signingKey(`${alias}-${number}`)] },
    dpop_signing_alg: 'ES256',
  })
  const metadata = isOpenId ? 'openid-configuration' : 'oauth-authorization-server'
  return JSON.stringify({
    alias,
    description: 'Gatehouse',
    server: { discoveryUrl: `${issuer}/.well-known/${metadata}` },
    client: own(1),
    client2: own(2),
    mtls: certificate('client-1'),
    mtls2: certificate('client-2'),
    resource: { resourceUrl: isOpenId ? `${issuer}/oauth/userinfo` : `${gateway}/api/orders` },
    ...browserOf(password),
  })
}

const [, , what, ...words] = process.argv
process.stdout.write(`${what === 'suite' ? suite(...words) : config()}\n`)
