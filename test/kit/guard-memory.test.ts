import t from 'tap'
import fc from 'fast-check'
import { publicJwk } from '@gatehouse/kit/keys/jwk'
import { EvidenceCache } from '@gatehouse/kit/guard/evidence'
import { TokenEvidence } from '@gatehouse/kit/guard/token-evidence'
import { start } from '../../services/users/start.ts'
import { FakeDoor } from '../harness/door.ts'
import { eventually } from '../harness/eventually.ts'
import { createSigningKey, createTrust, internalToken } from '../harness/internal.ts'
import { CapturedLog, ServiceClient, serviceContext } from '../harness/service.ts'

const trust = await createTrust(t.testdir())

/** A running `users` with a clock of its own. */
async function setUp(t: Tap) {
  const begun = Date.now()
  let shift = 0
  const clock = { now: () => begun + shift }
  const log = new CapturedLog()
  const door = await FakeDoor.start(trust)
  const service = await start(serviceContext({ trust, door: door.origin, clock, log }))
  const client = new ServiceClient(trust, service)
  t.teardown(async () => {
    await client.close()
    await service.stop()
    await door.stop()
  })
  const me = async (token: string, as = client) => (await as.send({ path: '/api/users/me', token })).status
  return { door, service, clock, log, me, advance: (ms: number) => void (shift += ms) }
}
type Tap = Pick<typeof t, 'teardown'>

t.test('a remembered token ends when it ends', async (t) => {
  const { me, clock, advance, log } = await setUp(t)
  const token = internalToken(trust, { aud: 'users', scope: 'users:read' }, clock)
  t.equal(await me(token), 200)
  advance(60_000)
  t.equal(await me(token), 200, 'within the tolerance of 2 s')
  advance(2_000)
  t.equal(await me(token), 401, 'behind it, from memory')
  t.equal(await me(token), 401, 'and verified anew')
  // What comes before the service has its keys is sent again.
  const lines = () => log.requests().filter((line) => line['code'] !== 'not_ready')
  // A line is written once the answer has left, which the caller may have by then.
  t.ok(await eventually(() => lines().length === 4))
  t.same(
    lines().map((line) => line['reason']),
    [undefined, undefined, 'expired', 'expired'],
  )
})

t.test('a remembered token is good in the hands of its presenter only', async (t) => {
  const { me, service, log, clock } = await setUp(t)
  const token = internalToken(trust, { aud: 'users', scope: 'users:read' }, clock)
  t.equal(await me(token), 200)
  const thief = new ServiceClient(trust, service, 'inventory')
  t.equal(await me(token, thief), 401)
  t.ok(await eventually(() => log.requests().at(-1)?.['reason'] === 'wrong_presenter'))
  await thief.close()
  t.equal(await me(token), 200, 'which costs the right one nothing')
})

t.test('what was verified with a key goes with the key', async (t) => {
  const { me, door, clock, advance } = await setUp(t)
  const old = () => internalToken(trust, { aud: 'users', scope: 'users:read' }, clock)
  t.equal(await me(old()), 200)
  const next = createSigningKey()
  const rotated = { ...trust, key: next }
  door.jwks = { keys: [publicJwk(next.publicKey)] }
  advance(300_000)
  const longLived = old()
  t.equal(await me(longLived), 200, 'stale keys verify while fresh ones are on their way')
  for (let asked = 0; asked < 500 && (await me(longLived)) === 200; asked++);
  t.equal(await me(longLived), 401, 'the remembered token as well')
  t.equal(await me(internalToken(rotated, { aud: 'users', scope: 'users:read' }, clock)), 200)
})

t.test('a key that was published meanwhile is fetched, and its token accepted', async (t) => {
  const { me, door, advance, clock } = await setUp(t)
  t.equal(await me(internalToken(trust, { aud: 'users', scope: 'users:read' }, clock)), 200)
  const next = createSigningKey()
  door.jwks = { keys: [publicJwk(trust.key.publicKey), publicJwk(next.publicKey)] }
  advance(30_000)
  const fresh = internalToken({ ...trust, key: next }, { aud: 'users', scope: 'users:read' }, clock)
  t.equal(await me(fresh), 200)
})

t.test('many unknown keys are one fetch', async (t) => {
  const { me, door, advance, clock } = await setUp(t)
  t.equal(await me(internalToken(trust, { aud: 'users', scope: 'users:read' }, clock)), 200)
  advance(30_000)
  const before = door.jwksFetches
  const foreign = createSigningKey()
  const strangers = Array.from({ length: 200 }, (_, at) =>
    me(
      internalToken(
        { ...trust, key: { ...foreign, kid: `stranger-${at}` } },
        { aud: 'users', scope: 'x' },
        clock,
      ),
    ),
  )
  t.ok((await Promise.all(strangers)).every((status) => status === 401))
  t.equal(door.jwksFetches, before + 1)
})

t.test('the memory is bounded and keeps what is used', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.nat(50)), (generation, keys) => {
      const cache = new EvidenceCache<number>(generation)
      return keys.every((key) => {
        cache.set(String(key), key)
        return cache.get(String(key)) === key && cache.size <= 2 * generation
      })
    }),
  )
  const cache = new EvidenceCache<number>(2)
  for (let at = 0; at < 10; at += 1) {
    cache.set('used', 1)
    cache.set(`once ${at}`, at)
    t.equal(cache.get('used'), 1)
  }
  t.equal(cache.get('once 1'), undefined)
  cache.delete('used')
  t.equal(cache.get('used'), undefined, 'deleted from both generations')
  t.throws(() => new EvidenceCache(0), TypeError)
})

t.test('a token is found by its signature and taken only as a whole', async (t) => {
  const signature = 'k'.repeat(86)
  const memory = new TokenEvidence<number>(2)
  memory.set(`head.alice.${signature}`, 1)
  t.equal(memory.get(`head.alice.${signature}`), 1)
  for (const other of [`head.bob.${signature}`, `head.alice.${signature.slice(1)}`, signature, ''])
    t.equal(memory.get(other), undefined, other)
  memory.delete(`head.bob.${signature}`)
  t.equal(memory.get(`head.alice.${signature}`), 1, 'nobody else may make it forget')
  memory.delete(`head.alice.${signature}`)
  t.equal(memory.get(`head.alice.${signature}`), undefined)
})

t.test('large tokens are remembered in smaller numbers', async (t) => {
  const memory = new TokenEvidence<number>(10)
  const signature = (at: number) => String(at).padStart(86, '0')
  const sized = (at: number, characters: number) => `${'h'.repeat(characters - 87)}.${signature(at)}`
  for (let at = 0; at < 100; at += 1) {
    memory.set(sized(at, 16_384), at)
    t.ok(memory.size <= 2, 'one fills a generation')
  }
  for (let at = 0; at < 100; at += 1) memory.set(sized(at, 1_024), at)
  t.ok(memory.size > 10 && memory.size <= 20)
  memory.clear()
  memory.set(sized(1, 10_000), 1)
  t.equal(memory.get(sized(1, 10_000)), 1)
})
