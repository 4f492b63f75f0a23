import t from 'tap'
import { fails, jwk, never, setUp, turn } from './jwks-issuer.ts'

t.test('keys come from one fetch and are served from memory', async (on) => {
  const { issuer, client } = setUp(on)
  on.equal(client.ready(), false)
  on.equal(client.get('a'), undefined)
  await turn()
  await client.start()
  on.ok(client.ready())
  for (let n = 0; n < 100; n++) on.ok(client.get('a'))
  on.equal(issuer.fetches, 2)
  on.match(client.keys(), [{ kid: 'a', alg: 'ES256', pem: /^-----BEGIN PUBLIC KEY-----/ }])
  on.match(client.get('a')?.key, { type: 'public', asymmetricKeyType: 'ec' })
})

t.test('10,000 unknown kids at once are one fetch', async (on) => {
  const { issuer, client, clock } = setUp(on)
  await client.start()
  clock.time += 30_000
  const found = await Promise.all(Array.from({ length: 10_000 }, (_, n) => client.resolve(`unknown-${n}`)))
  on.ok(found.every((key) => key === undefined))
  on.equal(issuer.fetches, 2)
  for (let n = 0; n < 10_000; n++) await client.resolve(`more-${n}`)
  on.equal(issuer.fetches, 2, 'and no other within the cool-down')
  clock.time += 29_999
  await client.resolve('still-unknown')
  on.equal(issuer.fetches, 2)
  clock.time += 1
  await client.resolve('unknown')
  on.equal(issuer.fetches, 3)
})

t.test('a new key is found by its kid', async (on) => {
  const { issuer, client, clock } = setUp(on)
  const [a, b] = [jwk('a'), jwk('b')]
  issuer.answer = () => ({ keys: [a] })
  await client.start()
  const known = client.get('a')
  issuer.answer = () => ({ keys: [a, b] })
  clock.time += 30_000
  on.match(await client.resolve('b'), { kid: 'b' })
  on.equal(client.get('a'), known, 'the key that stayed is the same object')
  on.equal(issuer.fetches, 2)
})

t.test('stale keys are served while one fetch is on its way', async (on) => {
  const { issuer, client, clock } = setUp(on)
  await client.start()
  const { promise, resolve } = Promise.withResolvers<unknown>()
  issuer.answer = () => promise
  clock.time += 300_000
  for (let n = 0; n < 100; n++) on.ok(client.get('a'))
  on.equal(issuer.fetches, 2)
  resolve({ keys: [jwk('b')] })
  await turn()
  on.equal(client.get('a'), undefined, 'a key that was removed is gone')
  on.ok(client.get('b'))
})

t.test('while the issuer fails, keys stay and fetches keep to the cool-down', async (on) => {
  const { issuer, client, clock } = setUp(on)
  await client.start()
  issuer.answer = fails
  clock.time += 300_000
  for (let n = 0; n < 50; n++) {
    on.ok(client.get('a'))
    await client.resolve(`unknown-${n}`)
    clock.time += 1_000
  }
  on.equal(issuer.fetches, 3, 'two in fifty seconds')
  on.ok(client.ready())
  issuer.answer = () => ({ keys: [jwk('b')] })
  clock.time += 30_000
  on.ok(await client.resolve('b'), 'and it recovers')
})

t.test('a fetch that hangs ends, and its late answer is not taken', async (on) => {
  const { issuer, client, clock } = setUp(on, { timeoutMs: 20 })
  await client.start()
  const { promise, resolve } = Promise.withResolvers<unknown>()
  issuer.answer = () => promise
  clock.time += 30_000
  on.equal(await client.resolve('b'), undefined)
  resolve({ keys: [jwk('b')] })
  await turn()
  on.equal(client.get('b'), undefined)
  on.ok(client.get('a'))
  issuer.answer = () => ({ keys: [jwk('c')] })
  clock.time += 30_000
  on.ok(await client.resolve('c'), 'the next one works')
})

t.test('start never rejects, and goes on trying until there are keys', async (on) => {
  const { issuer, client } = setUp(on, { timeoutMs: 10 })
  issuer.answer = () =>
    issuer.fetches === 1 ? fails() : issuer.fetches === 2 ? never() : { keys: [jwk('a')] }
  await client.start()
  on.equal(client.ready(), false)
  // The client's own timers do not keep a process alive.
  const alive = setInterval(() => undefined, 1_000)
  await new Promise<void>((resolve) => client.onChange(resolve))
  clearInterval(alive)
  on.ok(client.ready())
  on.equal(issuer.fetches, 3)
})

t.test('after stop nothing is fetched', async (on) => {
  const { issuer, client, clock } = setUp(on)
  issuer.answer = fails
  await client.start()
  client.stop()
  clock.time += 1_000_000
  on.equal(await client.resolve('a'), undefined)
  await new Promise((resolve) => setTimeout(resolve, 150))
  on.equal(issuer.fetches, 1)
})

t.test('listeners hear of changes, each of them, and only of changes', async (on) => {
  const { issuer, client, clock } = setUp(on)
  const a = jwk('a')
  issuer.answer = () => ({ keys: [a] })
  const heard: string[] = []
  client.onChange(() => {
    throw new Error('a listener that fails')
  })
  const unsubscribe = client.onChange(() =>
    heard.push(
      client
        .keys()
        .map((key) => key.kid)
        .join(' '),
    ),
  )
  await client.start()
  const refresh = async (): Promise<void> => {
    clock.time += 300_000
    client.get('a')
    await turn()
  }
  await refresh()
  on.same(heard, ['a'], 'the same keys again are no change')
  issuer.answer = () => ({ keys: [a, jwk('b')] })
  await refresh()
  issuer.answer = () => ({ keys: [a, jwk('b')] })
  await refresh()
  on.same(heard, ['a', 'a b', 'a b'], 'another key under the same kid is one')
  unsubscribe()
  issuer.answer = () => ({ keys: [a] })
  await refresh()
  on.equal(heard.length, 3)
})

t.test('a clock that was set back does not stop the fetches', async (on) => {
  const { issuer, client, clock } = setUp(on)
  await client.start()
  clock.time -= 3_600_000
  await client.resolve('b')
  on.equal(issuer.fetches, 2, 'for an unknown kid')
  clock.time -= 3_600_000
  client.get('a')
  await turn()
  on.equal(issuer.fetches, 3, 'for keys of unknown age')
})

t.test('who knows of another key does not wait for the cool-down', async (on) => {
  const { issuer, client } = setUp(on)
  await client.start()
  issuer.answer = () => ({ keys: [jwk('b')] })
  on.equal(await client.resolve('b'), undefined)
  await Promise.all([client.renew(), client.renew()])
  on.ok(client.get('b'))
  on.equal(issuer.fetches, 2, 'together')
  let answer: (document: unknown) => void = () => undefined
  issuer.answer = () => new Promise((resolve) => (answer = resolve))
  const earlier = client.renew()
  await turn()
  const later = client.renew()
  const before = { keys: [jwk('b')] }
  issuer.answer = () => ({ keys: [jwk('c')] })
  answer(before)
  await Promise.all([earlier, later])
  on.ok(client.get('c'), 'nor for what was fetched before there was that key')
  client.stop()
  await client.renew()
  on.equal(issuer.fetches, 4, 'after stop nothing is fetched')
})
