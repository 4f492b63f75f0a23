import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKeyPair } from 'jose'
import t from 'tap'
import { createCa, issueWorkload, type CertifiedKey } from '@gatehouse/kit/mtls/ca'
import { startPlatform } from '../../harness/index.ts'
import { textField } from '../../harness/json.ts'
import { dpopProof } from '../../gateway/bound-token.ts'
import { clientAssertionOf, keyedClient, withClientsConfig, type KeyedClient } from '../keyed-client.ts'
import { authorize, newPkce, outcome } from '../native.ts'

const life = { days: 1, now: new Date() }
const trustDomain = 'partners.example'
const ca = createCa({ trustDomain, ...life })
const leaf = (name: string) =>
  issueWorkload({ ca, trustDomain, name, hosts: [`${name}.example`], purposes: ['client'], ...life })
const [own, other] = [leaf('bank'), leaf('other')]
const bound = { profile: 'fapi2', tls_client_certificate_bound_access_tokens: true }
const certified = {
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'bank.example',
  jwks: undefined,
}

const clients = {
  'by key, tokens by certificate': await keyedClient('km', bound),
  'all by certificate': await keyedClient('mm', { ...bound, ...certified }),
  'by certificate, tokens by DPoP': await keyedClient('md', { profile: 'fapi2', ...certified }),
}
const key = await generateKeyPair('ES256')
const file = join(t.testdir({}), 'ca.pem')
writeFileSync(file, ca.certPem)
const idp = { trustedProxies: ['127.0.0.1', '::1'], mtls: { header: 'Client-Cert', ca: file } }
const platform = await startPlatform({
  only: ['idp'],
  t,
  config: withClientsConfig(Object.values(clients), idp),
})
const { issuer } = platform.config

interface Asking {
  readonly as?: CertifiedKey | undefined
  readonly dpop?: string
}

/** A POST by a client, with its assertion if it signs. */
async function post(
  client: KeyedClient,
  path: string,
  params: Readonly<Record<string, string>>,
  { as, dpop }: Asking,
): Promise<Response> {
  const signs = client.entry['token_endpoint_auth_method'] === 'private_key_jwt'
  const assertion = signs ? await clientAssertionOf(client, issuer) : {}
  const body = new URLSearchParams({ client_id: client.id, ...params, ...assertion })
  return fetch(issuer + path, { method: 'POST', body, headers: headersOf(as, dpop) })
}

function headersOf(as: CertifiedKey | undefined, dpop: string | undefined): Record<string, string> {
  const certificate = as && `:${new X509Certificate(as.certPem).raw.toString('base64')}:`
  return { ...(certificate && { 'client-cert': certificate }), ...(dpop && { dpop }) }
}

async function newCode(client: KeyedClient, as: CertifiedKey | undefined) {
  const { verifier, challenge } = newPkce()
  const redirect_uri = `https://${client.id}.example/cb`
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
  const asked = { response_type: 'code', redirect_uri, scope: 'openid profile', ...pkce }
  const pushed: unknown = await (await post(client, '/oauth/par', asked, { as })).json()
  const url = new URL('/oauth/authorize', issuer)
  url.searchParams.set('client_id', client.id)
  url.searchParams.set('request_uri', textField(pushed, 'request_uri'))
  const { callback } = await authorize(platform, url)
  const code = callback.searchParams.get('code') ?? ''
  return { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier }
}

const proofFor = (path: string, htm: string, token?: string) =>
  dpopProof(key, { htm, htu: issuer + path }, token)
const userinfo = async (scheme: string, token: string, as: CertifiedKey | undefined, dpop?: string) => {
  const headers = { authorization: `${scheme} ${token}`, ...headersOf(as, dpop) }
  const answer = await fetch(`${issuer}/oauth/userinfo`, { headers })
  await answer.body?.cancel()
  return answer.status
}

t.test('tokens are bound to the certificate that got them', async (t) => {
  for (const name of ['by key, tokens by certificate', 'all by certificate'] as const) {
    const client = clients[name]
    const refusal = client.id === 'mm' ? '401 invalid_client' : '400 invalid_grant'
    const form = await newCode(client, own)
    t.equal(await outcome(await post(client, '/oauth/token', form, {})), refusal, `${name}: none`)
    const tokens: unknown = await (await post(client, '/oauth/token', form, { as: own })).json()
    const token = textField(tokens, 'access_token')
    t.equal(await userinfo('Bearer', token, own), 200, name)
    t.equal(await userinfo('Bearer', token, other), 401, `${name}: a thief`)
    t.equal(await userinfo('Bearer', token, undefined), 401, `${name}: nobody`)
    const again = { grant_type: 'refresh_token', refresh_token: textField(tokens, 'refresh_token') }
    t.equal(await outcome(await post(client, '/oauth/token', again, {})), refusal, 'a refresh by nobody')
    const refreshed = await post(client, '/oauth/token', again, { as: own })
    t.equal(await userinfo('Bearer', textField(await refreshed.json(), 'access_token'), own), 200)
  }
  const machine = clients['all by certificate']
  const form = await newCode(machine, own)
  t.equal(await outcome(await post(machine, '/oauth/token', form, { as: other })), '401 invalid_client')
})

t.test('a scheme is called what it is called, in any case', async (t) => {
  const client = clients['by certificate, tokens by DPoP']
  const dpop = await proofFor('/oauth/token', 'POST')
  const form = await newCode(client, own)
  const tokens: unknown = await (await post(client, '/oauth/token', form, { as: own, dpop })).json()
  const token = textField(tokens, 'access_token')
  for (const scheme of ['DPoP', 'dPOp', 'dpop', 'DPOP']) {
    const proof = await proofFor('/oauth/userinfo', 'GET', token)
    t.equal(await userinfo(scheme, token, undefined, proof), 200, scheme)
  }
  for (const scheme of ['Bearer', 'bEARER'])
    t.equal(await userinfo(scheme, token, own), 401, `${scheme}: bound to a key`)
})
