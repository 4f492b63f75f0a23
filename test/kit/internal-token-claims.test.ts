import { verifyInternalToken } from '@gatehouse/kit/tokens/internal'
import t from 'tap'
import { forge, goodClaims } from '../fixtures/tokens.ts'
import { expectation, refuses } from './internal-token-refusals.ts'

t.test('every required claim, of its type', async (on) => {
  for (const name of [
    'iss',
    'aud',
    'sub',
    'client_id',
    'txn',
    'jti',
    'iat',
    'exp',
    'req_wl',
    'rctx',
    'tctx',
  ]) {
    const payload = Object.fromEntries(Object.entries(goodClaims).filter(([key]) => key !== name))
    refuses(on, forge({ payload }), 'bad_claims', `without ${name}`)
    for (const value of [null, [], true, name === 'iat' || name === 'exp' ? 'x' : 7]) {
      refuses(
        on,
        forge({ payload: { ...goodClaims, [name]: value } }),
        'bad_claims',
        `${name} ${JSON.stringify(value)}`,
      )
    }
  }
  for (const [name, value] of [
    ['scope', 'a  b'],
    ['scope', ['orders:read']],
    ['scope', 'a\u0000b'],
    ['roles', 'admin'],
    ['roles', [1]],
    ['roles', Array.from({ length: 65 }, () => 'x')],
    ['sid', {}],
    ['sub', ''],
    ['sub', 'x'.repeat(2_000)],
    ['auth_time', 1.5],
    ['act', 'spiffe://gatehouse.local/orders'],
    ['act', {}],
    ['tctx', { params: { id: 7 } }],
    ['rctx', { req_ip: 7 }],
  ] as const) {
    refuses(
      on,
      forge({ payload: { ...goodClaims, [name]: value } }),
      'bad_claims',
      `${name}: ${JSON.stringify(value).slice(0, 30)}`,
    )
  }
})

t.test('times are whole numbers', async (on) => {
  const withTimes = (iat: string, exp: string): string =>
    forge({ payload: JSON.stringify(goodClaims).replace(/"iat":\d+,"exp":\d+/, `"iat":${iat},"exp":${exp}`) })
  const [iat, exp] = [`${goodClaims.iat}`, `${goodClaims.exp}`]
  on.ok(verifyInternalToken(withTimes(iat, exp), expectation))
  for (const bad of [
    `"${exp}"`,
    `${exp}.5`,
    '1e400',
    '-1e400',
    '-1',
    'null',
    '[]',
    '{}',
    'true',
    '9007199254740993',
  ]) {
    refuses(on, withTimes(iat, bad), 'bad_claims', `exp ${bad}`)
    refuses(on, withTimes(bad, exp), 'bad_claims', `iat ${bad}`)
  }
})

t.test('at most 60 seconds, and not backwards', async (on) => {
  refuses(on, forge({ payload: { ...goodClaims, exp: goodClaims.iat + 61 } }), 'bad_claims')
  refuses(on, forge({ payload: { ...goodClaims, exp: goodClaims.iat } }), 'bad_claims')
  refuses(on, forge({ payload: { ...goodClaims, exp: goodClaims.iat - 10 } }), 'bad_claims')
})

t.test('expiry and start hold to the second, with the tolerance', async (on) => {
  const token = forge({})
  const at = (time: number, toleranceMs?: number) => () =>
    verifyInternalToken(token, {
      ...expectation,
      now: time,
      ...(toleranceMs === undefined ? {} : { toleranceMs }),
    })
  const expired = { name: 'TokenRejected', reason: 'expired' }
  const early = { name: 'TokenRejected', reason: 'not_yet_valid' }
  const [iat, exp] = [goodClaims.iat * 1_000, goodClaims.exp * 1_000]
  for (const tolerance of [0, 5_000]) {
    on.doesNotThrow(at(exp + tolerance - 1, tolerance))
    on.throws(at(exp + tolerance, tolerance), expired)
    on.throws(at(exp + tolerance + 1_000, tolerance), expired)
    on.doesNotThrow(at(iat - tolerance, tolerance))
    on.throws(at(iat - tolerance - 1, tolerance), early)
    on.throws(at(iat - tolerance - 1_000, tolerance), early)
  }
  on.doesNotThrow(at(exp + 1_999))
  on.throws(at(exp + 2_000), expired, 'two seconds unless told otherwise')
})
