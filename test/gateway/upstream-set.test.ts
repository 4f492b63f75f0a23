import t from 'tap'
import { eventually } from '../harness/eventually.ts'
import { systemClock } from '@gatehouse/kit/clock'
import { compileUpstream } from '@gatehouse/kit/config/compile-upstream'
import { StartError } from '@gatehouse/kit/errors'
import { createLogger } from '@gatehouse/kit/log'
import { Metrics } from '@gatehouse/kit/metrics'
import { upstreamMetrics } from '../../gateway/upstream/metrics.ts'
import { UpstreamSet, type UpstreamConfigs } from '../../gateway/upstream/upstream-set.ts'
import { createTrust } from '../harness/internal.ts'

const trust = await createTrust(t.testdir())

function configs(targets: Readonly<Record<string, string>>): UpstreamConfigs {
  const entries = Object.entries(targets).map(
    ([name, target]) => [name, compileUpstream(name, { targets: [target], identity: name })] as const,
  )
  return Object.fromEntries(entries)
}

function setOf(targets: Readonly<Record<string, string>>): UpstreamSet {
  return new UpstreamSet(configs(targets), {
    material: trust.workload('gateway'),
    clock: systemClock,
    log: createLogger({ name: 'test', level: 'silent' }),
    metrics: upstreamMetrics(new Metrics()),
    quietMs: 10,
  })
}

const before = { kept: 'https://localhost:1', moved: 'https://localhost:2', gone: 'https://localhost:3' }
const after = { kept: 'https://localhost:1', moved: 'https://localhost:4', new: 'https://localhost:5' }

t.test('what did not change stays the same, and what is replaced drains and is forgotten', async (t) => {
  const set = setOf(before)
  t.teardown(() => set.close())
  const [kept, moved] = [set.inForce.get('kept'), set.inForce.get('moved')]
  set.prepare(configs(after)).commit()
  t.same([...set.inForce.keys()], ['kept', 'moved', 'new'])
  t.equal(set.inForce.get('kept'), kept)
  t.not(set.inForce.get('moved'), moved)
  t.equal(set.leaving, 2)
  t.ok(await eventually(() => set.leaving === 0), 'both have closed')
})

t.test('until it is taken into use, nothing has changed', async (t) => {
  const set = setOf(before)
  t.teardown(() => set.close())
  const was = new Map(set.inForce)
  set.prepare(configs(after)).discard()
  t.throws(() => set.prepare(configs({ ...after, bad: 'http://localhost:6' })), StartError)
  t.same([...set.inForce], [...was])
  t.equal(set.leaving, 0)
})
