import t from 'tap'
import { startRig } from './rig.ts'

const config = `
routes:
  - { id: orders.create, authz: { scopes: ['orders:write'], acr: [aal2], maxAge: 10m } }
`
const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' }

t.test('people are sent to sign in, programs are told where', async (t) => {
  const rig = await startRig(t)
  const page = await rig.call({ path: '/api/orders?x=1', token: null, headers: navigation })
  t.equal(page.status, 303)
  t.equal(page.headers['location'], '/auth/login?return_to=%2Fapi%2Forders%3Fx%3D1')
  t.equal(page.headers['cache-control'], 'no-store')

  const script = await rig.call({
    path: '/api/orders',
    token: null,
    headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' },
  })
  t.equal(script.status, 401)
  t.equal(script.json['login_url'], '/auth/login')
  const frame = await rig.call({
    path: '/api/orders',
    token: null,
    headers: { ...navigation, 'sec-fetch-dest': 'iframe' },
  })
  t.equal(frame.status, 401, 'a frame shows no sign-in')
  const post = await rig.call({ method: 'POST', path: '/api/orders', token: null, headers: navigation })
  t.equal(post.status, 401, 'what was to be done would be lost on the way')
  const machine = await rig.call({ path: '/api/orders', token: 'bad.token.here', headers: navigation })
  t.equal(machine.status, 401)
  t.notOk(machine.json['login_url'], 'who brings a token is no browser')
  t.equal(rig.reached(), 0)
})

t.test('a route asks for a stronger, or more recent, sign-in', async (t) => {
  const rig = await startRig(t, { config })
  const now = Math.floor(rig.clock.now() / 1000)
  const order = (claims: Record<string, unknown>) =>
    rig.call({
      method: 'POST',
      path: '/api/orders',
      token: rig.issuer.token({ scope: 'orders:write', ...claims }),
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
  for (const claims of [
    {},
    { acr: 'aal1', auth_time: now },
    { acr: 'aal2', auth_time: now - 700 },
    { acr: 'aal2' },
  ]) {
    const refused = await order(claims)
    t.equal(`${refused.status} ${String(refused.json['code'])}`, '401 insufficient_user_authentication')
    t.match(
      refused.headers['www-authenticate'],
      /^Bearer .*error="insufficient_user_authentication".*acr_values="aal2", max_age="600"$/,
    )
  }
  t.equal(rig.reached(), 0)
  t.ok((await order({ acr: 'aal2', auth_time: now - 30 })).status < 300)
})
