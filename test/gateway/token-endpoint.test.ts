import t from 'tap'
import { jwtParts } from '../harness/index.ts'
import { startOrder } from './internal-tokens.ts'
import { startRig, type Rig } from './rig.ts'

const exchangeForm = (token: string, changes: Readonly<Record<string, string>> = {}): string =>
  new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    audience: 'inventory',
    ...changes,
  }).toString()

const exchange = (rig: Rig, body: string, as: string | null = 'orders') =>
  rig.inside(as, {
    method: 'POST',
    path: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })

t.test('a token to connect with directly (RFC 8693)', async (t) => {
  const rig = await startRig(t)
  const { token, txn } = await startOrder(rig)
  const answer = await exchange(rig, exchangeForm(token))
  t.equal(answer.status, 200, answer.text)
  t.match(answer.json, {
    access_token: String,
    issued_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_type: 'Bearer',
    scope: 'inventory:reserve',
  })
  t.equal(answer.headers['cache-control'], 'no-store')
  const { payload } = jwtParts(String(answer.json['access_token']))
  t.match(payload, {
    txn,
    aud: 'inventory',
    req_wl: 'spiffe://gatehouse.local/orders',
    act: { sub: 'spiffe://gatehouse.local/orders' },
  })
  t.ok(Number(answer.json['expires_in']) <= 60)
  t.match((await rig.lines(2)).at(-1), { route: '/token', status: 200 })
})

t.test('what the door serves itself has its own methods', async (t) => {
  const rig = await startRig(t)
  const cases = [
    ['GET', '/token', 'POST'],
    ['PUT', '/token', 'POST'],
    ['POST', '/.well-known/jwks.json', 'GET, HEAD'],
  ] as const
  for (const [method, path, allow] of cases) {
    const answer = await rig.inside('orders', { method, path })
    t.match(answer, { status: 405, headers: { allow }, json: { code: 'method_not_allowed' } }, path)
    t.match((await rig.lines()).at(-1), { method, path, status: 405, peer: 'orders' })
    t.equal((await rig.inside(null, { method, path })).status, 401, 'without a certificate')
  }
  t.match(await rig.inside('orders', { path: '/tokens' }), { status: 404 })
})

t.test('what is no exchange is refused in the words of OAuth', async (t) => {
  const rig = await startRig(t)
  const { token } = await startOrder(rig)
  const cases: readonly (readonly [string, string, string])[] = [
    ['another grant', exchangeForm(token, { grant_type: 'password' }), 'unsupported_grant_type'],
    ['nothing', '', 'invalid_request'],
    ['no token', exchangeForm('', {}), 'invalid_request'],
    [
      'another kind of token',
      exchangeForm(token, { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }),
      'invalid_request',
    ],
    ['delegation to an actor', exchangeForm(token, { actor_token: token }), 'invalid_request'],
    ['a scope that is none', exchangeForm(token, { scope: 'a  b' }), 'invalid_scope'],
    ['two audiences', `${exchangeForm(token)}&audience=users`, 'invalid_target'],
    ['a resource beside', exchangeForm(token, { resource: 'https://users.example' }), 'invalid_target'],
    ['two scopes', `${exchangeForm(token)}&scope=a&scope=b`, 'invalid_request'],
    [
      'a kind of token that is not made here',
      exchangeForm(token, { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }),
      'invalid_request',
    ],
    ['two tokens', `${exchangeForm(token)}&subject_token=${token}`, 'invalid_request'],
  ]
  for (const [what, form, error] of cases) {
    const answer = await exchange(rig, form)
    t.same([answer.status, answer.json], [400, { error }], what)
  }
  for (const name of ['requested_token_type', 'subject_token_type']) {
    for (const kind of ['jwt', 'access_token']) {
      const form = exchangeForm(token, { [name]: `urn:ietf:params:oauth:token-type:${kind}` })
      t.equal((await exchange(rig, form)).status, 200, `${name}: ${kind}`)
    }
  }
  const empty = exchangeForm(token, { scope: '', actor_token: '', resource: '', unknown: 'x' })
  t.equal((await exchange(rig, empty)).status, 200, 'what has no value was not sent (RFC 6749 section 3.2)')
  const json = await rig.inside('orders', {
    method: 'POST',
    path: '/token',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(new URLSearchParams(exchangeForm(token)))),
  })
  t.same([json.status, json.json], [400, { error: 'invalid_request' }], 'a form, not JSON')
})

t.test('the log has an exchange under its transaction, granted or not', async (t) => {
  const rig = await startRig(t)
  const { token, txn } = await startOrder(rig)
  const who = { txn, sub: 'acc-alice', client_id: 'demo-native', sid: 'sid-1', peer: 'orders' }
  let asked = 1
  const last = async (): Promise<unknown> => (await rig.lines(++asked)).at(-1)
  await exchange(rig, exchangeForm(token))
  t.match(await last(), { ...who, route: '/token', status: 200, upstream: 'inventory', authn: 'internal' })
  await exchange(rig, exchangeForm(token, { scope: 'inventory:write' }))
  t.match(await last(), { ...who, status: 400, code: 'invalid_scope' })
  await exchange(rig, exchangeForm(token, { audience: 'orders' }))
  t.match(await last(), { ...who, status: 400, code: 'invalid_target' })
  await rig.inside('orders', { path: '/orders/x', headers: { authorization: `Bearer ${token}` } })
  t.match(await last(), { txn, peer: 'orders', status: 403, code: 'forbidden' }, 'at the door as well')
  await exchange(rig, exchangeForm(rig.issuer.token()))
  t.match(await last(), { peer: 'orders', status: 400, code: 'invalid_grant', reason: 'bad_type' })
  await exchange(rig, exchangeForm(token, { grant_type: 'password' }))
  t.match(await last(), { peer: 'orders', status: 400, code: 'unsupported_grant_type' })
  await rig.inside('orders', {
    method: 'POST',
    path: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'client_credentials', audience: 'inventory' }).toString(),
  })
  t.match(await last(), { status: 200, peer: 'orders', sub: 'spiffe://gatehouse.local/orders' })
})
