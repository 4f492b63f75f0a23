import { publicJwk } from '@gatehouse/kit/keys/jwk'
import t from 'tap'
import { clockToleranceMs } from '../../gateway/authn/access-token-verifier.ts'
import { installClock } from '../harness/clock.ts'
import { newKey } from './fake-issuer.ts'
import { ownVerifier } from './own-verifier.ts'

t.test('what comes once is proven and not kept; what comes again is kept', async (t) => {
  const { issuer, verifier } = await ownVerifier(t)
  const token = issuer.token()
  const first = await verifier.verify(token)
  t.equal(first.claims.sub, 'acc-alice')
  t.equal(verifier.known(token), undefined)
  const second = await verifier.verify(token)
  t.same(second.claims, first.claims)
  t.equal(verifier.known(token), second)
  t.equal(verifier.known(issuer.token()), undefined, 'another token of the same person')
})

t.test('callers with the same scopes share one set of them', async (t) => {
  const { issuer, verifier } = await ownVerifier(t)
  const [alice, bob, carol] = [
    await verifier.verify(issuer.token()),
    await verifier.verify(issuer.token({ sub: 'acc-bob' })),
    await verifier.verify(issuer.token({ sub: 'acc-carol', scope: 'orders:read' })),
  ]
  t.equal(alice?.scopes, bob?.scopes)
  t.same([...(carol?.scopes ?? [])], ['orders:read'])
})

t.test(
  'a token with the first bytes of a good signature is refused like any other that is wrong',
  async (t) => {
    const { issuer, verifier } = await ownVerifier(t)
    const token = issuer.token()
    await verifier.verify(token)
    const [head = '', body = '', signature = ''] = token.split('.')
    const changed = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const flipped = Buffer.from(signature, 'base64url')
    flipped[63] = (flipped[63] ?? 0) ^ 1
    for (const [what, bad, reason] of [
      [
        'another payload',
        `${head}.${changed(issuer.claims({ sub: 'acc-admin' }))}.${signature}`,
        'bad_signature',
      ],
      ['a changed end', `${head}.${body}.${flipped.toString('base64url')}`, 'bad_signature'],
      ['a shorter one', `${head}.${body}.${flipped.subarray(0, 40).toString('base64url')}`, 'bad_signature'],
      ['alg none', `${changed(issuer.header({ alg: 'none' }))}.${body}.${signature}`, 'bad_algorithm'],
      ['HS256', `${changed(issuer.header({ alg: 'HS256' }))}.${body}.${signature}`, 'bad_algorithm'],
      ['another type', `${changed(issuer.header({ typ: 'JWT' }))}.${body}.${signature}`, 'bad_type'],
    ] as const) {
      await t.rejects(verifier.verify(bad), { name: 'TokenRejected', reason }, what)
      await t.rejects(verifier.verify(bad), { name: 'TokenRejected', reason }, `${what}, again`)
      t.equal(verifier.known(bad), undefined)
    }
  },
)

t.test('what expired between the first and the second time is refused', async (t) => {
  const { issuer, verifier } = await ownVerifier(t)
  const clock = installClock()
  t.teardown(() => clock.restore())
  const exp = Math.floor(Date.now() / 1000) + 60
  const token = issuer.token({ exp })
  await verifier.verify(token)
  clock.advance(exp * 1000 + clockToleranceMs - Date.now())
  await t.rejects(verifier.verify(token), { name: 'TokenRejected', reason: 'expired' })
})

t.test('with a key go its proofs, and none is kept on the strength of the first time', async (t) => {
  const { issuer, jwks, verifier } = await ownVerifier(t)
  const token = issuer.token()
  await verifier.verify(token)
  await verifier.verify(token)
  t.ok(verifier.known(token))
  const next = newKey()
  jwks.offer({ keys: [publicJwk(next.publicKey)] })
  t.equal(verifier.known(token), undefined)
  await t.rejects(verifier.verify(token), { name: 'TokenRejected', reason: 'unknown_key' })
})
