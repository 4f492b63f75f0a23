import t from 'tap'
import { Metrics } from '@gatehouse/kit/metrics'
import { upstreamMetrics } from '../../gateway/upstream/metrics.ts'
import { eventually } from '../harness/index.ts'
import { createTrust } from '../harness/internal.ts'
import { makeUpstream } from './upstream-fixture.ts'

const trust = await createTrust(t.testdir())
const url = 'https://name.test:1'
const wish = { key: undefined, canary: undefined, not: undefined }

/** An upstream of one name, and its series by target. */
function named(t: { teardown(run: () => Promise<void>): unknown }, lookup: () => Promise<readonly string[]>) {
  const metrics = new Metrics()
  const parts = { lookup, metrics: upstreamMetrics(metrics) }
  const upstream = makeUpstream(trust, { targets: [url], resolve: '2ms' }, parts).start()
  t.teardown(() => upstream.close())
  const series = async (result: string): Promise<ReadonlyMap<string, number>> => {
    const { text } = await metrics.render()
    const lines = text.matchAll(
      /upstream_attempts_total\{upstream="orders",target="([^"]*)",result="(\w+)"\} (\d+)/g,
    )
    const found = [...lines].filter(([, , of]) => of === result)
    return new Map(found.map(([, target = '', , count]) => [target.replace(`${url} `, ''), Number(count)]))
  }
  return { upstream, series }
}

t.test('targets that are gone leave their series behind for a while, and not for ever', async (t) => {
  let looks = 0
  const { series } = named(t, async () => {
    looks++
    return Array.from({ length: 10 }, (_, at) => `10.0.${Math.min(looks, 50)}.${at}`)
  })
  t.ok(await eventually(() => looks > 55))
  // Each closes its connections first.
  let left = await series('ok')
  for (let look = 0; look < 500 && left.size > 110; look++) left = await series('ok')
  t.equal(left.size, 110)
  t.ok(left.has('10.0.50.0'), 'those that are there')
  t.ok(left.has('10.0.49.0'), 'and those that were there last')
  t.notOk(left.has('10.0.1.0'))
  t.notOk(left.has(url))
})

t.test('a target that comes again counts on', async (t) => {
  let address = '10.0.0.1'
  const { upstream, series } = named(t, async () => [address])
  const use = (): string => {
    const target = upstream.pick(wish)
    target.begin()
    target.finish('ok')
    return target.id.slice(url.length + 1)
  }
  const become = async (wanted: string): Promise<void> => {
    address = wanted
    t.ok(await eventually(() => upstream.pick(wish).id === `${url} ${wanted}`))
  }
  await become('10.0.0.1')
  t.equal(use(), '10.0.0.1')
  for (let at = 0; at < 10; at++) await become(`10.0.${at % 2 === 0 ? 1 : 0}.1`)
  t.equal(use(), '10.0.0.1')
  t.equal((await series('ok')).get('10.0.0.1'), 2)
})
