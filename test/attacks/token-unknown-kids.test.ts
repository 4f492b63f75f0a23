import { Agent } from 'node:http'
import t from 'tap'
import { startRig } from '../gateway/rig.ts'

t.test('10,000 unknown kids cost the issuer one request, and those who are known nothing', async (t) => {
  const rig = await startRig(t, {
    config: 'gateway: { limits: { rate: 1000000/min } }',
  })
  const { issuer } = rig
  const token = issuer.token()
  t.equal((await rig.call({ path: '/api/orders', token })).status, 200)
  rig.clock.advance(31_000)
  const before = issuer.jwksFetches
  const signature = token.split('.')[2]
  const payload = token.split('.')[1]
  const unknown = (n: number) =>
    `${Buffer.from(JSON.stringify(issuer.header({ kid: `kid-${n}` }))).toString('base64url')}.${payload}.${signature}`
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  let refusals = 0
  const flood = async (from: number, count: number): Promise<void> => {
    for (let k = from; k < from + count; k++) {
      const { status } = await rig.call({ path: '/api/orders', token: unknown(k), agent })
      if (status === 401) refusals++
    }
  }
  const lanes = Array.from({ length: 20 }, (_, lane) => flood(lane * 500, 500))
  const times: number[] = []
  const ended = new AbortController()
  const good = (async () => {
    while (!ended.signal.aborted) {
      const started = performance.now()
      t.equal((await rig.call({ path: '/api/orders', token })).status, 200)
      times.push(performance.now() - started)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  await Promise.all(lanes)
  ended.abort()
  await good
  t.equal(refusals, 10_000)
  t.ok(issuer.jwksFetches - before <= 1, `${issuer.jwksFetches - before} fetches`)
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
  t.ok(median < 1000, `${median} ms`)
  t.equal(rig.services.orders.seen.length, times.length + 1)
})
