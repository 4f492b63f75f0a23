import { systemClock } from '@gatehouse/kit/clock'
import { createLogger } from '@gatehouse/kit/log'
import t from 'tap'
import { OpaqueTokens, type Introspect } from '../../gateway/introspection/opaque-tokens.ts'

const answer = () => ({
  active: true,
  sub: 'x',
  client_id: 'y',
  aud: 'urn:gatehouse:api',
  exp: Math.floor(Date.now() / 1000) + 300,
})

function tokens(introspect: Introspect, cacheMs = 10_000, clock = systemClock) {
  return new OpaqueTokens({
    introspect,
    cacheMs,
    timeoutMs: 1_000,
    issuer: 'https://idp.example',
    audience: 'urn:gatehouse:api',
    toleranceMs: 0,
    clock,
    log: createLogger({ name: 'test', level: 'silent' }),
  })
}

t.test('what is remembered has a bound', async (t) => {
  const opaque = tokens(() => Promise.resolve(answer()))
  for (let n = 0; n < 25_000; n++) await opaque.prove(`token-${n}`)
  const known = Array.from({ length: 25_000 }, (_, n) => opaque.known(`token-${n}`)).filter(Boolean)
  t.ok(known.length <= 20_000 && known.length >= 10_000, `${known.length}`)
  t.ok(opaque.known('token-24999'))
  t.notOk(opaque.known('token-0'))
})

t.test('so has what is asked at one time', async (t) => {
  const waiting: (() => void)[] = []
  const opaque = tokens(() => new Promise((resolve) => waiting.push(() => resolve(answer()))))
  const asked = Array.from({ length: 256 }, (_, n) => opaque.prove(`token-${n}`))
  await t.rejects(opaque.prove('one more'), { code: 'upstream_unavailable', status: 503 })
  const shared = opaque.prove('token-0')
  for (const go of waiting) go()
  t.equal((await shared).claims.sub, 'x')
  await Promise.all(asked)
  t.equal(waiting.length, 256)
})

t.test('nothing is remembered where the configuration says so', async (t) => {
  const opaque = tokens(() => Promise.resolve(answer()), 0)
  await opaque.prove('token')
  t.equal(opaque.known('token'), undefined)
})

t.test('a token has a name that is not the token, and a client is its own subject', async (t) => {
  const opaque = tokens((token) => Promise.resolve({ ...answer(), sub: undefined, jti: token }))
  const { claims } = await opaque.prove('the-token-itself')
  t.match(claims, { jti: /^sha256:[\w-]{43}$/, sub: 'y', iat: 1 })
})

t.test('a clock that is set back makes no answer younger', async (t) => {
  let now = Date.now()
  const opaque = tokens(() => Promise.resolve(answer()), 10_000, { now: () => now })
  await opaque.prove('token')
  now += 9_999
  t.ok(opaque.known('token'))
  now -= 60_000
  t.equal(opaque.known('token'), undefined)
})
