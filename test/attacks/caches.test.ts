import t from 'tap'
import { startRig } from '../gateway/rig.ts'
import { sendJson } from '../gateway/fake-upstream.ts'

const rig = await startRig(t, {
  config: `
routes:
  - { id: open, match: { path: /open, methods: [GET] }, authn: none, upstream: users }
`,
})

t.test('what was answered to somebody is for nobody else', async (t) => {
  t.equal((await rig.call({ path: '/api/orders' })).headers['cache-control'], 'no-store')
  rig.services.orders.answer = (_request, response) => sendJson(response, 404, { code: 'not_found' })
  t.equal((await rig.call({ path: '/api/orders/1' })).headers['cache-control'], 'no-store')
  for (const sending of [{ path: '/api/orders', token: null }, { path: '/nothing' }, { path: '/a//b' }]) {
    t.equal((await rig.call(sending)).headers['cache-control'], 'no-store', sending.path)
  }
})

t.test('an open answer is the service’s to decide on', async (t) => {
  const answer = await rig.call({ path: '/open', token: null })
  t.equal(answer.status, 200)
  t.notOk('cache-control' in answer.headers)
  const seen = rig.services.users.only()
  t.notOk('authorization' in seen.headers, 'and carries no authority')
})

t.test('a credential that an open route did not ask for goes nowhere', async (t) => {
  t.equal((await rig.call({ path: '/open', headers: { cookie: '__Host-gatehouse=x' } })).status, 200)
  const seen = rig.services.users.only()
  t.notOk('authorization' in seen.headers)
  t.notOk('cookie' in seen.headers)
})
