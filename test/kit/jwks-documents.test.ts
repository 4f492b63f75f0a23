import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { jwk, setUp, turn } from './jwks-issuer.ts'

t.test('names of objects are no keys', async (on) => {
  const { client } = setUp(on)
  await client.start()
  for (const kid of ['__proto__', 'constructor', 'toString', '']) on.equal(client.get(kid), undefined)
})

t.test('an empty or garbage answer never wipes good keys', async (on) => {
  const { issuer, client, clock } = setUp(on)
  const changes: string[] = []
  client.onChange(() => changes.push('changed'))
  await client.start()
  const good = client.get('a')
  for (const answer of [
    { keys: [] },
    {},
    [],
    null,
    undefined,
    'x',
    7,
    { keys: {} },
    { keys: 'x' },
    { keys: [null, 1, 'x', []] },
    { keys: [{ kty: 'EC', crv: 'P-256', kid: 'a', x: 'AA', y: 'AA' }] },
    { keys: [jwk('a', { y: jwk('b')['y'] })] },
  ]) {
    issuer.answer = () => answer
    clock.time += 300_000
    client.get('a')
    await turn()
    on.equal(client.get('a'), good, JSON.stringify(answer))
  }
  on.same(changes, ['changed'], 'the first time only')
})

t.test('only keys for ES256 signatures are taken', async (on) => {
  const { issuer, client } = setUp(on)
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  const secret = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  const noKid = Object.fromEntries(Object.entries(jwk('x')).filter(([name]) => name !== 'kid'))
  issuer.answer = () => ({
    keys: [
      jwk('good'),
      jwk('plain', { alg: undefined, use: undefined, key_ops: ['verify'] }),
      { ...rsa, kid: 'rsa', alg: 'RS256' },
      { ...rsa, kid: 'rsa-as-es', alg: 'ES256' },
      { ...p384, kid: 'p384', alg: 'ES384' },
      { ...p384, kid: 'p384-as-es', alg: 'ES256' },
      { kty: 'oct', k: 'AAAA', kid: 'oct', alg: 'ES256' },
      { ...secret, kid: 'private', alg: 'ES256' },
      jwk('enc', { use: 'enc' }),
      jwk('signs', { key_ops: ['sign'] }),
      jwk('other-alg', { alg: 'HS256' }),
      jwk('', {}),
      jwk('x'.repeat(300)),
      noKid,
      jwk('twice'),
      jwk('twice'),
    ],
  })
  await client.start()
  on.same(
    client.keys().map((key) => key.kid),
    ['good', 'plain'],
  )
})

t.test('a document without end is cut', async (on) => {
  const { issuer, client } = setUp(on)
  const one = jwk('x')
  issuer.answer = () => ({ keys: Array.from({ length: 10_000 }, (_, n) => ({ ...one, kid: `k${n}` })) })
  await client.start()
  on.equal(client.keys().length, 64)
})

t.test('what the issuer sent unasked counts, and what was asked for earlier no more', async (on) => {
  const { issuer, client, clock } = setUp(on)
  const [a, b] = [jwk('a'), jwk('b')]
  issuer.answer = () => ({ keys: [a, b] })
  await client.start()
  const late = Promise.withResolvers<unknown>()
  issuer.answer = () => late.promise
  clock.time += 300_000
  const fetched = client.resolve('c')
  client.offer({ keys: [b] })
  on.equal(client.get('a'), undefined)
  late.resolve({ keys: [a, b] })
  await fetched
  on.equal(client.get('a'), undefined, 'a key that was taken out does not come back')
  on.match(client.get('b'), { kid: 'b' })
  on.throws(() => client.offer({ keys: [] }), /no key/)
  on.match(client.keys(), [{ kid: 'b' }], 'the known keys stay')
})
