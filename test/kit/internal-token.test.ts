import type { SigningKey } from '@gatehouse/kit/keys/ring'
import {
  chainOf,
  signInternalToken,
  verifyInternalToken,
  type InternalClaims,
} from '@gatehouse/kit/tokens/internal'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { jwtVerify } from 'jose'
import { createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import t from 'tap'
import { base64url, forge, goodClaims, goodHeader, kid, now, pair, presenter } from '../fixtures/tokens.ts'
import { chain, expectation, refuses } from './internal-token-refusals.ts'

const signingKey: SigningKey = { kid, alg: 'ES256', ...pair, state: 'signing', createdAt: now }

t.test('what is signed here is verified here, and by any other library', async (on) => {
  const claims = { ...goodClaims, act: chain(2) }
  const token = signInternalToken(claims, signingKey)
  on.strictSame(verifyInternalToken(token, expectation), claims)
  const { payload, protectedHeader } = await jwtVerify(token, pair.publicKey, {
    issuer: claims.iss,
    audience: 'orders',
    typ: 'internal+jwt',
    algorithms: ['ES256'],
    currentDate: new Date(now),
  })
  on.same(payload, claims)
  on.same(protectedHeader, goodHeader)
})

t.test('optional claims may be absent and are then no properties', async (on) => {
  const { iss, aud, sub, client_id, scope, txn, jti, iat, exp, req_wl } = goodClaims
  const least: InternalClaims = {
    iss,
    aud,
    sub,
    client_id,
    scope,
    txn,
    jti,
    iat,
    exp,
    req_wl,
    rctx: {},
    tctx: {},
  }
  on.strictSame(verifyInternalToken(signInternalToken(least, signingKey), expectation), least)
})

t.test('claims that nobody asked for are dropped', async (on) => {
  const claims = verifyInternalToken(forge({ payload: { ...goodClaims, admin: true } }), expectation)
  on.notOk('admin' in claims)
})

t.test('no algorithm but ES256, whatever the key', async (on) => {
  const jwk = JSON.stringify(pair.publicKey.export({ format: 'jwk' }))
  const pem = pair.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  for (const alg of ['none', 'None', 'NONE', 'nonE']) {
    refuses(on, forge({ header: { ...goodHeader, alg } }), 'bad_algorithm', alg)
    const bare = forge({ header: { ...goodHeader, alg } }).replace(/[^.]*$/, '')
    refuses(on, bare, 'malformed', `${alg} without signature`)
  }
  for (const secret of [pem, pem.trim(), jwk, '']) {
    const header = { ...goodHeader, alg: 'HS256' }
    const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(goodClaims))}`
    refuses(
      on,
      `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`,
      'bad_algorithm',
      'HS256',
    )
    const es = `${base64url(JSON.stringify(goodHeader))}.${base64url(JSON.stringify(goodClaims))}`
    refuses(
      on,
      `${es}.${createHmac('sha512', secret).update(es).digest('base64url')}`,
      'bad_signature',
      'HMAC as ES256',
    )
  }
})

t.test('a kid is looked up, nothing else', async (on) => {
  for (const id of [
    '__proto__',
    'constructor',
    'toString',
    '../test-key',
    "' OR 1=1 --",
    `${kid} `,
    kid.toUpperCase(),
  ]) {
    refuses(on, forge({ header: { ...goodHeader, kid: id } }), 'unknown_key', id)
  }
  refuses(on, forge({ header: { ...goodHeader, kid: [kid] } }), 'bad_header')
  refuses(on, forge({ header: { ...goodHeader, kid: 'x'.repeat(10_240) } }), 'bad_header')
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  refuses(
    on,
    forge({ header: { ...goodHeader, jwk: other.publicKey.export({ format: 'jwk' }) } }, other.privateKey),
    'bad_signature',
  )
})

t.test('no other kind of token is taken for an internal one', async (on) => {
  for (const typ of [
    'JWT',
    'at+jwt',
    'logout+jwt',
    'secevent+jwt',
    'dpop+jwt',
    'Internal+JWT',
    'application/internal+jwt',
    '',
  ]) {
    refuses(on, forge({ header: { ...goodHeader, typ } }), 'bad_type', typ)
  }
})

t.test('signatures: zero, DER, of other text', async (on) => {
  refuses(on, forge({ signature: Buffer.alloc(64) }), 'bad_signature', 'r = s = 0')
  const [head = '', body = ''] = forge({}).split('.')
  const der = sign('sha256', Buffer.from(`${head}.${body}`), pair.privateKey)
  refuses(on, forge({ signature: der }), 'bad_signature', 'DER')
  const [, , tail = ''] = forge({ payload: { ...goodClaims, sub: 'acc-bob' } }).split('.')
  refuses(on, `${head}.${body}.${tail}`, 'bad_signature', 'of another token')
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  refuses(on, forge({}, p384.privateKey), 'bad_signature', 'P-384')
})

t.test('(r, n - s) verifies as well, with the same jti: revocation goes by jti', async (on) => {
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const [head = '', body = '', tail = ''] = forge({}).split('.')
  const signature = Buffer.from(tail, 'base64url')
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const other = Buffer.concat([
    signature.subarray(0, 32),
    Buffer.from((n - s).toString(16).padStart(64, '0'), 'hex'),
  ])
  const twin = `${head}.${body}.${base64url(other)}`
  on.not(twin, `${head}.${body}.${tail}`)
  on.equal(verifyInternalToken(twin, expectation).jti, goodClaims.jti)
})

t.test('issuer, audience and presenter are exactly these', async (on) => {
  for (const iss of ['http://localhost:3001', `${goodClaims.iss}/`, goodClaims.iss.toUpperCase()]) {
    refuses(on, forge({ payload: { ...goodClaims, iss } }), 'bad_issuer', iss)
  }
  refuses(on, forge({ payload: { ...goodClaims, iss: [goodClaims.iss] } }), 'bad_claims', 'iss array')
  for (const aud of ['users', 'Orders', 'orders ', 'urn:gatehouse:api']) {
    refuses(on, forge({ payload: { ...goodClaims, aud } }), 'bad_audience', aud)
  }
  for (const aud of [['orders'], ['orders', 'users'], [], '', {}]) {
    refuses(on, forge({ payload: { ...goodClaims, aud } }), 'bad_claims', `aud ${JSON.stringify(aud)}`)
  }
  for (const req_wl of ['spiffe://gatehouse.local/orders', `${presenter}/`, 'gateway']) {
    refuses(on, forge({ payload: { ...goodClaims, req_wl } }), 'wrong_presenter', req_wl)
  }
})

t.test('the chain is read latest first, and ends at eight', async (on) => {
  const eight = verifyInternalToken(forge({ payload: { ...goodClaims, act: chain(8) } }), expectation)
  on.same(
    chainOf(eight),
    Array.from({ length: 8 }, (_, at) => `spiffe://gatehouse.local/w${8 - at}`),
  )
  on.same(chainOf(goodClaims), [])
  refuses(on, forge({ payload: { ...goodClaims, act: chain(9) } }), 'chain_too_deep')
})

t.test('a refusal names no value', async (on) => {
  const canary = 'canary-value'
  for (const payload of [
    { ...goodClaims, iss: canary },
    { ...goodClaims, sub: [canary] },
    { ...goodClaims, roles: canary },
  ]) {
    try {
      verifyInternalToken(forge({ payload }), expectation)
      on.fail('accepted')
    } catch (error) {
      on.ok(error instanceof TokenRejected)
      on.notMatch(String(error), canary)
    }
  }
})

t.test('only the holder of the private key signs', async (on) => {
  const other = createPrivateKey(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
  )
  refuses(on, signInternalToken(goodClaims, { ...signingKey, privateKey: other }), 'bad_signature')
})
