import { createLogger } from '@gatehouse/kit/log'
import { StoreError } from '@gatehouse/kit/store/errors'
import t from 'tap'
import { EndedElsewhere } from '../../gateway/sessions/ended-elsewhere.ts'
import { startPlatform } from '../harness/index.ts'
import { freePortBase } from '../harness/ports.ts'
import { startSecondGateway } from '../harness/second-gateway.ts'
import { liveConfig, openSocket, startLive } from './live-socket.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const idleMs = 600_000

/** A store with rows by key, each with when it was last seen, at a time that a test moves. */
function setUp() {
  const rows = new Map<string, number>()
  const open = new Map<string, number>()
  const ended: string[] = []
  const clock = { time: 1_795_000_000_000, now: () => clock.time }
  const store = {
    isLost: false,
    lastSeen: async (keys: readonly string[]) => {
      if (store.isLost) throw new StoreError('LOST')
      return new Map([...rows].filter(([key]) => keys.includes(key)))
    },
  }
  const end = (key: string): void => {
    ended.push(key)
    open.delete(key)
  }
  const watch = new EndedElsewhere({ store, clock, log, idleMs, open: () => open, ended: end })
  const begin = (key: string): void => {
    rows.set(key, clock.time)
    open.set(key, clock.time)
  }
  return { rows, open, ended, clock, store, watch, begin }
}

t.test('a session that is gone has ended; one that was swept for want of use has not', async (t) => {
  const { rows, ended, clock, watch, begin } = setUp()
  for (const key of ['used', 'idle', 'gone at once']) begin(key)
  rows.delete('gone at once')
  await watch.look()
  t.same(ended, ['gone at once'], 'before it was ever seen')
  clock.time += idleMs - 60_000
  rows.set('used', clock.time)
  await watch.look()
  clock.time += 60_000
  rows.delete('idle')
  rows.delete('used')
  await watch.look()
  t.same(ended, ['gone at once', 'used'])
  clock.time += 1000
  await watch.look()
  t.same(ended, ['gone at once', 'used'], 'nor later')
})

t.test('of many, all are looked at', async (t) => {
  const { rows, ended, watch, begin } = setUp()
  for (let at = 0; at < 1200; at += 1) begin(`key ${at}`)
  await watch.look()
  t.same(ended, [])
  for (const at of [0, 499, 500, 1199]) rows.delete(`key ${at}`)
  await watch.look()
  t.same(ended, ['key 0', 'key 499', 'key 500', 'key 1199'])
})

t.test('a lost store ends nothing', async (t) => {
  const { ended, store, watch, begin } = setUp()
  begin('a')
  store.isLost = true
  await t.rejects(watch.look())
  t.same(ended, [])
})

t.test('a WebSocket at another gateway ends with the session that was ended here', async (t) => {
  const port = await freePortBase()
  const platform = await startPlatform({ t, config: liveConfig(port) })
  await startLive(t, platform, port)
  const other = await startSecondGateway(t, platform)
  const alice = await platform.signIn('alice')
  const bob = await platform.signIn('bob')
  const ofAlice = await openSocket(platform, alice, other.url)
  const ofBob = await openSocket(platform, bob, other.url)
  let isBobsClosed = false
  void ofBob.closed.then(() => (isBobsClosed = true))
  const browser = alice.cookies
  // Over the old session: the login at the identity server goes on, and nobody is told of the end.
  await platform.signIn('alice', { cookies: browser })
  t.equal(await ofAlice.closed, 4401)
  t.notOk(isBobsClosed)
})
