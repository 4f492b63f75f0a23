import t from 'tap'
import { eventually } from '../harness/index.ts'
import { createTrust } from '../harness/internal.ts'
import { freePortBase } from '../harness/ports.ts'
import { FakeUpstream, sendJson } from './fake-upstream.ts'
import { makeUpstream } from './upstream-fixture.ts'

const trust = await createTrust(t.testdir())
const wish = { key: undefined, canary: undefined, not: undefined }

async function service(t: { teardown(run: () => Promise<void>): unknown }) {
  const port = await freePortBase()
  const fake = await FakeUpstream.start(trust.workload('orders'), port)
  t.teardown(() => fake.stop())
  return { fake, targets: [`https://localhost:${port}`] }
}

t.test('drained, an upstream lets requests finish and closes then', async (t) => {
  const { fake, targets } = await service(t)
  let finish = (): void => {}
  fake.answer = (_request, response) => {
    finish = () => sendJson(response, 200, { ok: true })
  }
  const upstream = makeUpstream(trust, { targets })
  const { pool } = upstream.pick(wish)
  const running = pool.current.request({ method: 'GET', path: '/' })
  t.ok(await eventually(() => fake.seen.length === 1))
  let isDrained = false
  const drained = upstream.drain().then(() => (isDrained = true))
  await t.rejects(pool.current.request({ method: 'GET', path: '/' }), { code: 'UND_ERR_CLOSED' })
  t.notOk(isDrained)
  finish()
  const { body } = await running
  t.same(await body.json(), { ok: true })
  await drained
})

t.test('what does not finish in time is cut', async (t) => {
  const { fake, targets } = await service(t)
  fake.answer = () => {}
  const upstream = makeUpstream(trust, { targets })
  const running = upstream.pick(wish).pool.current.request({ method: 'GET', path: '/' })
  const cut = t.rejects(running)
  t.ok(await eventually(() => fake.seen.length === 1))
  await upstream.drain(50)
  await cut
})

t.test('what waits for a connection is cut as well, and the end of it told', async (t) => {
  const { fake, targets } = await service(t)
  fake.answer = () => {}
  const upstream = makeUpstream(trust, { targets, concurrency: { max: 1 } })
  const ask = () => t.rejects(upstream.pick(wish).pool.current.request({ method: 'GET', path: '/' }))
  const cut = [ask(), ask()]
  t.ok(await eventually(() => fake.seen.length === 1))
  let isDrained = false
  void upstream.drain(50).then(() => (isDrained = true))
  await Promise.all(cut)
  t.ok(await eventually(() => isDrained))
})

t.test(
  'each address of a name is a target; those that are gone are drained, a failed look-up changes nothing',
  async (t) => {
    const { targets } = await service(t)
    let found: readonly string[] | Error = ['127.0.0.1']
    const lookup = async () => {
      if (found instanceof Error) throw found
      return found
    }
    const upstream = makeUpstream(trust, { targets, resolve: '20ms' }, { lookup }).start()
    t.teardown(() => upstream.close())
    const ids = () => [...new Set([upstream.pick(wish).id, upstream.pick(wish).id])].toSorted()
    const [url] = targets
    t.same(ids(), [url], 'the name itself until it is looked up')
    t.ok(await eventually(() => ids()[0] === `${url} 127.0.0.1`))
    const before = upstream.pick(wish)
    const { statusCode, body } = await before.pool.current.request({ method: 'GET', path: '/' })
    await body.dump()
    t.equal(statusCode, 200, 'it is reached at the address')
    found = ['127.0.0.1', '127.0.0.2']
    t.ok(await eventually(() => ids().length === 2))
    found = new Error('no answer')
    await new Promise((resolve) => setTimeout(resolve, 60))
    t.equal(ids().length, 2)
    found = ['127.0.0.2']
    t.ok(await eventually(() => ids()[0] === `${url} 127.0.0.2`))
    t.ok(await eventually(() => before.pool.current.closed))
  },
)

t.test('a name that has never been found is one target still, whatever becomes of others', async (t) => {
  const [known, unknown] = ['https://a.test:1', 'https://b.test:1']
  let isFound = false
  let lookups = 0
  const lookup = async (host: string) => {
    lookups++
    if (host === 'b.test' && !isFound) throw new Error('not now')
    return ['127.0.0.1']
  }
  const upstream = makeUpstream(
    trust,
    { targets: [known, unknown], resolve: '20ms', balance: 'round-robin' },
    { lookup },
  ).start()
  t.teardown(() => upstream.close())
  const ids = () => [upstream.pick(wish).id, upstream.pick(wish).id].toSorted()
  t.ok(await eventually(() => lookups >= 4))
  t.same(ids(), [`${known} 127.0.0.1`, unknown])
  isFound = true
  t.ok(await eventually(() => ids()[1] === `${unknown} 127.0.0.1`))
})
