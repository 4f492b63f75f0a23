import { readAccessClaims } from '@gatehouse/kit/tokens/claims'
import { TokenRejected, type TokenReason } from '@gatehouse/kit/tokens/strict-jws'
import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import { holds } from '../harness/holds.ts'

const now = 1_700_000_000_000
const expectation = {
  issuer: 'http://localhost:3001',
  audience: 'urn:gatehouse:api',
  now,
  toleranceMs: 5_000,
}
const good = {
  iss: 'http://localhost:3001',
  sub: 'acc-alice',
  aud: 'urn:gatehouse:api',
  client_id: 'demo-native',
  scope: 'orders:read users:read',
  iat: now / 1_000 - 60,
  exp: now / 1_000 + 240,
  jti: 'jti-1',
}
const full = {
  ...good,
  sid: 's',
  auth_time: now / 1_000 - 90,
  acr: 'a',
  amr: ['pwd'],
  roles: ['customer'],
  cnf: { jkt: 'x' },
}

function refuses(on: Test, change: object, reason: TokenReason, expect = expectation): void {
  on.throws(
    () => readAccessClaims({ ...good, ...change }, expect),
    { name: 'TokenRejected', reason },
    `${reason}: ${JSON.stringify(change)}`,
  )
}

t.test('the claims of RFC 9068 and ours are read, others are dropped', async (on) => {
  on.strictSame(readAccessClaims(good, expectation), good)
  on.strictSame(readAccessClaims({ ...full, extra: 1, act: {} }, expectation), full)
})

t.test('every required claim, of its type', async (on) => {
  for (const name of ['iss', 'sub', 'aud', 'client_id', 'iat', 'exp', 'jti']) {
    for (const value of [undefined, null, '', {}, true, name === 'iat' || name === 'exp' ? '1' : 1]) {
      refuses(on, { [name]: value }, 'bad_claims')
    }
  }
  for (const payload of [null, undefined, [], [good], 'x', 1]) {
    on.throws(() => readAccessClaims(payload, expectation), { name: 'TokenRejected', reason: 'bad_claims' })
  }
})

t.test('times are whole numbers', async (on) => {
  for (const bad of [
    '1700000240',
    1_700_000_240.5,
    Number('1e400'),
    Number.NaN,
    -1,
    2 ** 53,
    [1_700_000_240],
  ]) {
    refuses(on, { exp: bad }, 'bad_claims')
    refuses(on, { iat: bad }, 'bad_claims')
    refuses(on, { nbf: bad }, 'bad_claims')
    refuses(on, { auth_time: bad }, 'bad_claims')
  }
})

t.test('exp, nbf and iat hold to the second, with the tolerance', async (on) => {
  const at = (change: object) => () => readAccessClaims({ ...good, ...change }, expectation)
  const second = now / 1_000
  on.doesNotThrow(at({ exp: second - 4 }))
  refuses(on, { exp: second - 5 }, 'expired')
  refuses(on, { exp: second - 6 }, 'expired')
  on.doesNotThrow(at({ nbf: second + 5 }))
  refuses(on, { nbf: second + 6 }, 'not_yet_valid')
  on.doesNotThrow(at({ iat: second + 5 }))
  refuses(on, { iat: second + 6 }, 'not_yet_valid')
  refuses(on, { iat: second, exp: second }, 'bad_claims')
})

t.test('aud is the resource, alone or among others', async (on) => {
  on.ok(readAccessClaims({ ...good, aud: ['urn:other', 'urn:gatehouse:api'] }, expectation))
  for (const aud of [
    'urn:other',
    'urn:gatehouse:api ',
    'URN:GATEHOUSE:API',
    'urn:gatehouse',
    ['urn:other'],
  ]) {
    refuses(on, { aud }, 'bad_audience')
  }
  for (const aud of [
    [],
    '',
    {},
    7,
    null,
    [7],
    ['urn:gatehouse:api', 7],
    [['urn:gatehouse:api']],
    ['urn:gatehouse:api', ''],
  ]) {
    refuses(on, { aud }, 'bad_claims')
  }
  refuses(on, { aud: Array.from({ length: 65 }, () => 'urn:gatehouse:api') }, 'bad_claims')
})

t.test('iss is exactly the issuer', async (on) => {
  for (const iss of [
    'http://localhost:3001/',
    'HTTP://localhost:3001',
    'http://localhost:3001.evil',
    'http://localhost:300',
  ]) {
    refuses(on, { iss }, 'bad_issuer')
  }
  refuses(on, { iss: ['http://localhost:3001'] }, 'bad_claims')
})

t.test('no scope is no authority, and a scope has the form of RFC 6749', async (on) => {
  const { scope, ...without } = good
  on.ok(scope)
  on.equal(readAccessClaims(without, expectation).scope, '')
  on.equal(readAccessClaims({ ...good, scope: '' }, expectation).scope, '')
  for (const bad of [['orders:read'], 'a  b', ' a', 'a ', 'a\tb', 'a"b', 'a\\b', 'ä', 7, {}])
    refuses(on, { scope: bad }, 'bad_claims')
})

t.test('a binding that is not understood is refused, not overlooked', async (on) => {
  on.same(readAccessClaims({ ...good, cnf: { 'x5t#S256': 'x' } }, expectation).cnf, { 'x5t#S256': 'x' })
  for (const cnf of [{}, { jwk: {} }, { jkt: 7 }, { jkt: '' }, { jkt: 'x', kid: 'y' }, 'x', [], null])
    refuses(on, { cnf }, 'bad_claims')
})

t.test('lists are lists of texts, and end', async (on) => {
  for (const name of ['roles', 'amr']) {
    for (const bad of ['admin', [1], [null], [''], {}, Array.from({ length: 65 }, () => 'x')])
      refuses(on, { [name]: bad }, 'bad_claims')
  }
})

t.test('a payload of any form throws nothing but TokenRejected', async (on) => {
  const claim = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(full)))
  const payload = fc.oneof(
    fc.anything(),
    fc.dictionary(fc.constantFrom(...Object.keys(full), '__proto__'), claim),
    fc.record(
      Object.fromEntries(
        Object.entries(full).map(([name, value]) => [name, fc.oneof(fc.constant(value), claim)]),
      ),
    ),
  )
  holds(
    on,
    fc.property(payload, (value) => {
      try {
        const claims = readAccessClaims(value, expectation)
        return claims.iss === expectation.issuer && [claims.aud].flat().includes(expectation.audience)
      } catch (error) {
        return error instanceof TokenRejected
      }
    }),
    { numRuns: 3_000 },
  )
})
