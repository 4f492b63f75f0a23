import t from 'tap'
import type { Sending } from '../gateway/client.ts'
import { refused } from '../gateway/refused.ts'
import { startRig, type Rig } from '../gateway/rig.ts'

const config = `
routes:
  - id: orders.list
    limits: { rate: 5/min }
  - id: open
    match: { path: /open/:id, methods: [GET] }
    authn: none
    limits: { rate: 5/min }
    upstream: users
`

async function spend(rig: Rig, sending: Sending & { readonly token?: string | null }): Promise<void> {
  for (let n = 0; n < 5; n++) await rig.call(sending)
}

t.test('no way of writing a request gets a bucket of its own', async (t) => {
  const rig = await startRig(t, { config })
  const path = '/open/1'
  await spend(rig, { path, token: null })
  const rest: readonly (Sending & { readonly token: null })[] = [
    { path, token: null },
    { path, token: null, headers: { 'x-forwarded-for': '203.0.113.7' } },
    { path, token: null, headers: { forwarded: 'for=203.0.113.7', 'x-real-ip': '203.0.113.7' } },
    { path: '/open/%31', token: null },
    { path: '/open/2?x=y', token: null },
    { path, token: null, method: 'HEAD' },
    { path, token: null, headers: { host: rig.host.toUpperCase() } },
  ]
  for (const sending of rest) {
    const before = rig.reached()
    const answer = await rig.call(sending)
    t.equal(answer.status, 429, JSON.stringify(sending))
    t.match(answer.headers, {
      'retry-after': /^\d+$/,
      ratelimit: /^"open";r=0;t=\d+$/,
      'ratelimit-policy': '"open";q=5;w=60',
    })
    t.equal(rig.reached(), before)
  }
  const other = ['/Open/1', '/open/1/', '/OPEN/1', '/open//1']
  for (const near of other) t.match((await rig.call({ path: near, token: null })).status, /40[04]/, near)
})

t.test('a caller with a token is counted by who it is', async (t) => {
  const rig = await startRig(t, { config })
  const path = '/api/orders'
  for (let n = 0; n < 5; n++) t.equal((await rig.call({ path })).status, 200)
  await refused(t, rig, 'another token of the same', { path, token: rig.issuer.token() }, [
    429,
    'rate_limited',
  ])
  const bob = rig.issuer.token({ sub: 'acc-bob' })
  t.equal((await rig.call({ path, token: bob })).status, 200, 'somebody else at the same address')
  t.equal((await rig.call({ path: '/api/inventory' })).status, 200, 'another policy')
})

t.test('the window ends', async (t) => {
  const rig = await startRig(t, { config })
  await spend(rig, { path: '/api/orders' })
  const answer = await refused(t, rig, 'over', { path: '/api/orders' }, [429, 'rate_limited'])
  rig.clock.advance(Number(answer.headers['retry-after']) * 1000 + 1)
  t.equal((await rig.call({ path: '/api/orders' })).status, 200)
})

t.test('bad tokens are counted on their own, by address', async (t) => {
  const rig = await startRig(t, { failedAuthentications: 5 })
  const path = '/api/orders'
  const known = rig.issuer.token()
  // The proof of a token is kept from its second time on.
  for (const time of ['once', 'twice']) t.equal((await rig.call({ path, token: known })).status, 200, time)
  for (let n = 0; n < 5; n++) {
    await refused(t, rig, 'bad', { path, token: rig.issuer.token({ aud: `x${n}` }) }, [401, 'invalid_token'])
  }
  const answer = await refused(t, rig, 'one more', { path, token: rig.issuer.token({ aud: 'x' }) }, [
    429,
    'rate_limited',
  ])
  t.match(answer.headers['retry-after'], /^\d+$/)
  t.equal((await rig.call({ path, token: known })).status, 200, 'a caller that is known already goes on')
  const bare = await rig.call({ path, token: null })
  t.equal(bare.status, 401, 'no token is not a bad one')
})

t.test(
  'behind a trusted proxy: a whole /64 is one caller, and a mapped address is the address',
  async (t) => {
    const rig = await startRig(t, {
      config: `gateway: { trustedProxies: ['127.0.0.0/8', '::1'] }\n${config.trimStart()}`,
    })
    const from = (address: string) => ({
      path: '/open/1',
      token: null,
      headers: { 'x-forwarded-for': address },
    })
    for (let n = 0; n < 5; n++) {
      t.equal((await rig.call(from(`2001:db8:1:2::${n}`))).status, 200)
      t.equal((await rig.call(from('203.0.113.9'))).status, 200)
    }
    const same = [
      '2001:db8:1:2:ffff:ffff:ffff:ffff',
      '2001:DB8:1:2:0:0:0:1',
      '::ffff:203.0.113.9',
      '::ffff:cb00:7109',
    ]
    for (const address of same) await refused(t, rig, address, from(address), [429, 'rate_limited'])
    await refused(t, rig, 'invented before', from('198.51.100.1, 203.0.113.9'), [429, 'rate_limited'])
    t.equal((await rig.call(from('2001:db8:1:3::1'))).status, 200, 'the neighbour')
  },
)

t.test('a policy is not left by asking in another way', async (t) => {
  const rig = await startRig(t, {
    config: `
limitPolicies: { tight: { rate: 3/h, by: [session] } }
routes: [{ id: orders.list, limits: { policies: [tight] } }]
`,
  })
  const path = '/api/orders'
  for (let n = 0; n < 3; n++) t.equal((await rig.call({ path, token: rig.issuer.token() })).status, 200)
  const rest: readonly Sending[] = [
    { path },
    { path: '/api/%6frders' },
    { path: '/api/orders?all=true' },
    { path, method: 'HEAD' },
    { path, headers: { 'x-forwarded-for': '203.0.113.7', 'x-session': 'another' } },
  ]
  for (const sending of rest) {
    const before = rig.reached()
    t.equal((await rig.call({ ...sending, token: rig.issuer.token() })).status, 429, JSON.stringify(sending))
    t.equal(rig.reached(), before)
  }
})
