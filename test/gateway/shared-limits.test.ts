import t from 'tap'
import { valkeyFor } from '../harness/valkey.ts'
import { refused } from './refused.ts'
import { startRig, type RigOptions } from './rig.ts'

t.test('two gateways count together; without the store each counts alone', async (t) => {
  const server = await valkeyFor(t)
  if (server === undefined) return
  const options: RigOptions = {
    config: `
gateway: { limits: { store: '${server.createDatabase()}' } }
limitPolicies: { shared: { rate: 6/h, by: [subject] } }
routes: [{ id: orders.list, limits: { policies: [shared] } }]
`,
  }
  const one = await startRig(t, options)
  const two = await startRig(t, options)
  const path = '/api/orders'
  for (let n = 0; n < 3; n++) {
    t.equal((await one.call({ path })).headers['ratelimit'], `"shared";r=${5 - 2 * n};t=3600`)
    t.equal((await two.call({ path })).headers['ratelimit'], `"shared";r=${4 - 2 * n};t=3600`)
  }
  for (const rig of [one, two]) {
    const answer = await refused(t, rig, 'over, together', { path }, [429, 'rate_limited'])
    t.match(answer.headers, { 'retry-after': /^3[56]\d\d$/, 'ratelimit-policy': '"shared";q=6;w=3600' })
    t.match(await rig.metrics(), /gatehouse_gateway_rate_limit_shared 1\n/)
  }
  const bob = one.issuer.token({ sub: 'acc-bob' })
  t.equal((await one.call({ path, token: bob })).status, 200)

  await server.kill()
  for (let n = 0; n < 6; n++) t.equal((await one.call({ path })).status, 200, 'alone from here on')
  await refused(t, one, 'over, alone', { path }, [429, 'rate_limited'])
  t.equal((await two.call({ path })).status, 200, 'the other has its own count')
  const metrics = await one.metrics()
  t.match(metrics, /gatehouse_gateway_rate_limit_shared 0\n/)
  t.match(metrics, /gatehouse_gateway_rate_limit_alone_total 7\n/)
})

t.test('a store that hangs holds up one request, not each', async (t) => {
  const server = await valkeyFor(t)
  if (server === undefined) return
  const config = `gateway: { limits: { store: '${server.createDatabase()}' } }`
  const rig = await startRig(t, { config })
  t.equal((await rig.call({ path: '/api/orders' })).status, 200)
  server.hang()
  for (let n = 0; n < 3; n++) t.equal((await rig.call({ path: '/api/orders' })).status, 200)
  t.match(await rig.metrics(), /gatehouse_gateway_rate_limit_alone_total 3\n/)
})
