import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../harness/index.ts'
import { ReceivedRequests } from '../harness/received.ts'
import { startRig, type Rig } from './rig.ts'

const path = '/.well-known/jwks.json'

async function tagOf(rig: Rig): Promise<string> {
  return String((await rig.inside(null, { path })).headers['etag'])
}

t.test('who has the keys is told so, and waits only with a certificate', async (t) => {
  const rig = await startRig(t)
  const etag = await tagOf(rig)
  t.match(etag, /^"[\w-]{22}"$/)
  const same = await rig.inside(null, { path, headers: { 'if-none-match': `"x", W/${etag}` } })
  t.match([same.status, same.text, same.headers['etag']], [304, '', etag])
  const stranger = await rig.inside(null, { path: `${path}?wait=20`, headers: { 'if-none-match': etag } })
  t.equal(stranger.status, 304, 'at once')
  const other = await rig.inside('orders', { path: `${path}?wait=20`, headers: { 'if-none-match': '"x"' } })
  t.match([other.status, other.headers['etag']], [200, etag], 'nor is there anything to wait for')
  for (const wait of ['0', '-1', '100', 'x', '1.5', '', '1&wait=2']) {
    const odd = await rig.inside('orders', { path: `${path}?wait=${wait}` })
    t.match([odd.status, odd.json['code']], [400, 'invalid_request'], wait)
  }
})

t.test('the wait ends by itself', async (t) => {
  const rig = await startRig(t)
  const since = performance.now()
  const headers = { 'if-none-match': await tagOf(rig) }
  const answer = await rig.inside('orders', { path: `${path}?wait=1`, headers })
  t.equal(answer.status, 304)
  t.ok(performance.now() - since >= 990)
})

t.test('one workload can hold so many requests, and those of others wait all the same', async (t) => {
  const rig = await startRig(t)
  const headers = { 'if-none-match': await tagOf(rig) }
  const received = new ReceivedRequests()
  t.teardown(() => received.stop())
  let ended = 0
  const ask = async (as: string): Promise<number> => {
    const { status } = await rig.inside(as, { path: `${path}?wait=20`, headers })
    ended += 1
    return status
  }
  const all = Array.from({ length: 65 }, () => ask('orders'))
  t.equal(await Promise.race(all), 304)
  all.push(ask('users'))
  t.ok(await eventually(() => received.at(rig.config.gateway.internal.port).length === all.length))
  await sleep(200)
  t.equal(ended, 1, 'one was too many')
  await rig.gateway.stop()
  t.same(new Set(await Promise.all(all)), new Set([304]), 'a gateway that stops answers them')
})
