import { KeyKeeper } from '@gatehouse/kit/keys/keeper'
import { KeyRing, keyRingMigration, type KeyRingTable } from '@gatehouse/kit/keys/ring'
import { knownFrom, nextStep } from '@gatehouse/kit/keys/schedule'
import { createLogger } from '@gatehouse/kit/log'
import { MasterKey } from '@gatehouse/kit/secrets'
import { openStore } from '@gatehouse/kit/store/open'
import t, { type Test } from 'tap'

const log = createLogger({ name: 'test', level: 'silent' })
const policy = { rotateEveryMs: 1_000_000, publishMs: 10_000, retireMs: 50_000 }

/** A ring with a clock of its own, and two processes that look after it. */
async function twoKeepers(on: Test) {
  let time = 1_700_000_000_000
  const clock = { now: () => time }
  const store = await openStore<KeyRingTable>({
    url: 'sqlite::memory:',
    migrations: [keyRingMigration(1)],
    log,
  })
  on.teardown(() => store.close())
  const options = { store, ring: 'idp', masterKey: MasterKey.generate(), clock } as const
  const [one, two] = [await KeyRing.open(options), await KeyRing.open(options)]
  const keeperOf = (ring: KeyRing) => new KeyKeeper({ ring, policy, clock, log })
  const keepers = [keeperOf(one), keeperOf(two)]
  const pass = async (ms: number) => {
    time += ms
    for (const keeper of keepers) await keeper.run()
  }
  return { one, two, clock, pass }
}

const states = (ring: KeyRing) => ring.keys().map(({ state }) => state)

t.test('a key is public, then signs, then retires, then goes; both processes agree', async (t) => {
  const { one, two, pass } = await twoKeepers(t)
  const [first, second] = one.keys()
  await pass(policy.rotateEveryMs - 1)
  t.same(states(one), ['signing', 'published'], 'not a moment early')
  await pass(1)
  t.same(states(one), ['signing', 'published', 'retiring'])
  t.equal(one.signing().kid, second?.kid)
  t.equal(one.keys()[2]?.kid, first?.kid)
  await pass(policy.retireMs - 1)
  t.equal(one.keys().length, 3, 'what it signed may still live')
  await pass(1)
  t.same(states(one), ['signing', 'published'])
  t.same(two.jwks(), one.jwks())
})

t.test('the next key waits until everybody can know it', async (t) => {
  const { one, clock, pass } = await twoKeepers(t)
  t.equal(knownFrom(one.keys(), policy), clock.now(), 'the first pair was public together')
  await one.rotate()
  t.equal(knownFrom(one.keys(), policy), clock.now() + policy.publishMs)
  await pass(1)
  t.equal(one.keys().length, 3, 'one turn is one turn')
})

t.test('what comes next, and when', async (t) => {
  const { one, clock } = await twoKeepers(t)
  await one.rotate()
  const now = clock.now()
  const next = one.keys().map((key) => nextStep(key, one.keys(), policy))
  t.same(next, [
    { step: 'retires', at: now + policy.rotateEveryMs },
    { step: 'signs', at: now + policy.rotateEveryMs },
    { step: 'is removed', at: now + policy.retireMs },
  ])
})

t.test('a key that is taken out at once: the other process knows within a round', async (t) => {
  const { one, two, pass } = await twoKeepers(t)
  const [signing, published] = one.keys()
  t.equal(await one.retire(signing?.kid ?? ''), true)
  t.same(states(one), ['signing', 'published'])
  t.equal(one.signing().kid, published?.kid, 'the key that verifiers know steps in')
  t.notMatch(JSON.stringify(one.jwks()), signing?.kid ?? '')
  await pass(0)
  t.same(two.jwks(), one.jwks())
  t.equal(await two.retire(two.keys()[1]?.kid ?? ''), true, 'the one that waits')
  t.equal(two.signing().kid, published?.kid)
  t.same(states(two), ['signing', 'published'])
  t.equal(await two.retire('nobody'), false)
})
