import t from 'tap'
import { eventually } from '../harness/eventually.ts'
import { valkeyFor } from '../harness/valkey.ts'
import type { Answer } from './client.ts'
import { refused } from './refused.ts'
import { startRig, type Rig, type RigOptions } from './rig.ts'

const path = '/api/orders'

async function countedAlone(...rigs: readonly Rig[]): Promise<number> {
  const texts = await Promise.all(rigs.map((rig) => rig.metrics()))
  const counts = texts.map((text) =>
    Number(/^gatehouse_gateway_rate_limit_alone_total (\d+)$/m.exec(text)?.[1]),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

/** What one person is told by two gateways in turn. */
async function inTurn(one: Rig, two: Rig, sub: string) {
  const ask = (rig: Rig): Promise<Answer> => rig.call({ path, token: rig.issuer.token({ sub }) })
  const told: unknown[] = []
  for (let n = 0; n < 3; n++) for (const rig of [one, two]) told.push((await ask(rig)).headers['ratelimit'])
  const before = one.reached() + two.reached()
  const over = [await ask(one), await ask(two)]
  const reached = one.reached() + two.reached() - before
  const metrics = [await one.metrics(), await two.metrics()]
  const other = await one.call({ path, token: one.issuer.token({ sub: `${sub}-neighbour` }) })
  return { told, over, reached, metrics, other }
}

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
  let seen: Awaited<ReturnType<typeof inTurn>> | undefined
  let person = 0
  // A pause of this process is to a gateway in it a store that does not answer in time: then somebody else asks.
  const isUndisturbed = await eventually(async () => {
    const before = await countedAlone(one, two)
    seen = await inTurn(one, two, `acc-${++person}`)
    return (await countedAlone(one, two)) === before
  })
  t.ok(isUndisturbed, 'nothing was counted alone')
  // Their server's clock does not stand still.
  t.match(
    seen?.told,
    [5, 4, 3, 2, 1, 0].map((left) => new RegExp(`^"shared";r=${left};t=3[56]\\d\\d$`)),
  )
  const headers = { 'retry-after': /^3[56]\d\d$/, 'ratelimit-policy': '"shared";q=6;w=3600' }
  const refusal = { status: 429, json: { code: 'rate_limited' }, headers }
  t.match(seen?.over, [refusal, refusal], 'over, together')
  t.equal(seen?.reached, 0, 'no service saw it')
  for (const text of seen?.metrics ?? []) t.match(text, /gatehouse_gateway_rate_limit_shared 1\n/)
  t.equal(seen?.other.status, 200, 'somebody else')

  await server.kill()
  const before = await countedAlone(one)
  for (let n = 0; n < 6; n++) t.equal((await one.call({ path })).status, 200, 'alone from here on')
  await refused(t, one, 'over, alone', { path }, [429, 'rate_limited'])
  t.equal((await two.call({ path })).status, 200, 'the other has its own count')
  t.match(await one.metrics(), /gatehouse_gateway_rate_limit_shared 0\n/)
  t.equal((await countedAlone(one)) - before, 7)
})

t.test('a store that hangs holds up one request, not each', async (t) => {
  const server = await valkeyFor(t)
  if (server === undefined) return
  const config = `gateway: { limits: { store: '${server.createDatabase()}' } }`
  const rig = await startRig(t, { config })
  t.equal((await rig.call({ path })).status, 200)
  server.hang()
  const before = await countedAlone(rig)
  for (let n = 0; n < 3; n++) t.equal((await rig.call({ path })).status, 200)
  t.equal((await countedAlone(rig)) - before, 3)
})
