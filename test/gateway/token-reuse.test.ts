import t from 'tap'
import { isRecord } from '@gatehouse/kit/tokens/strict-json'
import { jwtParts } from '../harness/index.ts'
import { LatestTokens } from '../../gateway/token/latest-tokens.ts'
import { startRig, type Rig } from './rig.ts'

const list = { path: '/api/orders' }

/** What the route of an internal token had in its path. */
function paramsOf(authorization: string | undefined): unknown {
  const { payload } = jwtParts(authorization?.slice('Bearer '.length) ?? '')
  return isRecord(payload['tctx']) ? payload['tctx']['params'] : undefined
}

/** The internal tokens that `orders` got for these requests, each named by a letter. */
async function tokensOf(rig: Rig, ...requests: readonly (() => Promise<unknown>)[]): Promise<string> {
  const { seen } = rig.services.orders
  const before = seen.length
  for (const request of requests) await request()
  const tokens = seen.slice(before).map(({ headers }) => headers.authorization)
  const names = [...new Set(tokens)]
  return tokens.map((token) => 'abcdefgh'[names.indexOf(token)]).join('')
}

t.test('reads of one caller on one route share a token, from the second on', async (t) => {
  const rig = await startRig(t)
  const token = rig.issuer.token()
  const get = () => rig.call({ ...list, token })
  const head = () => rig.call({ ...list, token, method: 'HEAD' })
  t.equal(await tokensOf(rig, get, get, get, head), 'abbb')
  rig.clock.advance(4_900)
  t.equal(await tokensOf(rig, get), 'a')
  rig.clock.advance(101)
  t.equal(await tokensOf(rig, get, get), 'aa')
  const tokens = rig.services.orders.seen.map(({ headers }) => headers.authorization)
  t.equal(new Set(tokens).size, 3, 'not longer than five seconds')
})

t.test('a caller with many things to ask for gets the right token for each', async (t) => {
  const rig = await startRig(t)
  const token = rig.issuer.token()
  const ids = Array.from({ length: 40 }, (_, at) => String(at % 20))
  for (const id of ids) await rig.call({ path: `/api/orders/${id}`, token })
  const paramsSent = rig.services.orders.seen.map(({ headers }) => paramsOf(headers.authorization))
  t.same(
    paramsSent,
    ids.map((id) => ({ id })),
  )
})

t.test('nobody and nothing else gets it', async (t) => {
  const rig = await startRig(t, { config: 'gateway: { trustedProxies: [127.0.0.1, "::1"] }' })
  const token = rig.issuer.token()
  const get = () => rig.call({ ...list, token })
  const another = (claims: object) => () => rig.call({ ...list, token: rig.issuer.token(claims) })
  t.equal(
    await tokensOf(rig, get, another({ sub: 'acc-bob' }), another({ client_id: 'demo-machine' })),
    'abc',
  )
  t.equal(await tokensOf(rig, get, another({}), another({ roles: ['support'] })), 'abc', 'by the same person')
  const from = (address: string) => () =>
    rig.call({ ...list, token, headers: { 'x-forwarded-for': address } })
  t.equal(await tokensOf(rig, get, from('192.0.2.1'), from('192.0.2.2'), from('192.0.2.1')), 'abcb')
  const order = (id: string) => () => rig.call({ path: `/api/orders/${id}`, token })
  t.equal(await tokensOf(rig, get, order('1'), order('2'), order('1'), order('%31')), 'abcbb', 'by parameter')
})

t.test('what may change something has a token of its own transaction', async (t) => {
  const rig = await startRig(t)
  const token = rig.issuer.token()
  const post = () => rig.call({ ...list, token, method: 'POST', body: '{}' })
  t.equal(await tokensOf(rig, post, post, () => rig.call({ ...list, token }), post), 'abcd')
})

t.test('each request keeps its own txn, and its line names that of the token', async (t) => {
  const rig = await startRig(t)
  const token = rig.issuer.token()
  await rig.call({ ...list, token })
  const first = await rig.call({ ...list, token })
  const second = await rig.call({ ...list, token })
  t.not(first.headers['x-request-id'], second.headers['x-request-id'])
  t.equal(rig.services.orders.seen[2]?.headers['x-request-id'], second.headers['x-request-id'])
  const [, one, other] = await rig.lines(3)
  t.equal(one?.['token_txn'], undefined)
  t.match(other, { txn: second.headers['x-request-id'], token_txn: first.headers['x-request-id'] })
})

t.test('one can do without', async (t) => {
  const never = await startRig(t, { config: 'gateway: { internalTokenReuse: 0s }' })
  const token = never.issuer.token()
  t.equal(await tokensOf(never, ...[1, 2, 3].map(() => () => never.call({ ...list, token }))), 'abc')
})

t.test('never beyond half of its life', async (t) => {
  const rig = await startRig(t, { config: 'gateway: { internalTokenReuse: 10s }' })
  const iat = Math.floor(Date.now() / 1000)
  const token = rig.issuer.token({ iat, exp: iat + 6 })
  const get = () => rig.call({ ...list, token })
  const later = () => Promise.resolve(rig.clock.advance(3_100))
  t.equal(await tokensOf(rig, get, get, get, later, get), 'abbc')
})

t.test('whose access token has expired is refused, whatever was minted', async (t) => {
  const rig = await startRig(t, { config: 'gateway: { internalTokenReuse: 5s }' })
  const iat = Math.floor(Date.now() / 1000)
  const token = rig.issuer.token({ iat: iat - 60, exp: iat + 2 })
  t.equal((await rig.call({ ...list, token })).status, 200)
  rig.clock.advance(5_000)
  t.equal((await rig.call({ ...list, token })).status, 401)
})

t.test('what was remembered of a caller can be taken away', async (t) => {
  const latest = new LatestTokens()
  const subject = { route: { tokenMark: Symbol('route') }, address: '192.0.2.1', params: {} }
  const { address, params, route } = subject
  const about = { mark: route.tokenMark, address, params, owner: latest }
  latest.add({ ...about, token: 't', txn: 'x', epoch: 0, from: 0, until: 1 })
  t.match(latest.find(subject), { token: 't' })
  latest.clear()
  t.equal(latest.find(subject), undefined)
})
