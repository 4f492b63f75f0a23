import {
  parseUnverified,
  requireEs256,
  requireType,
  TokenRejected,
  type TokenReason,
} from '@gatehouse/kit/tokens/strict-jws'
import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import { holds } from '../harness/holds.ts'
import { base64url, forge, goodClaims, goodHeader, pair } from '../fixtures/tokens.ts'

function refuses(on: Test, token: string, reason: TokenReason, what?: string): void {
  on.throws(() => parseUnverified(token), { name: 'TokenRejected', reason }, what ?? reason)
}

t.test('a good token comes apart', async (on) => {
  const token = forge({})
  const [head, body, tail = ''] = token.split('.')
  on.strictSame(parseUnverified(token), {
    header: goodHeader,
    payload: goodClaims,
    signingInput: `${head}.${body}`,
    signature: Buffer.from(tail, 'base64url'),
    raw: token,
  })
})

t.test('size is checked first', async (on) => {
  const padded = (length: number): string => {
    const token = forge({ payload: { ...goodClaims, pad: '' } })
    const pad = Math.floor(((length - token.length) * 3) / 4)
    return forge({ payload: { ...goodClaims, pad: 'x'.repeat(Math.max(0, pad)) } })
  }
  on.ok(padded(16_384).length <= 16_384)
  on.ok(parseUnverified(padded(16_384)))
  refuses(on, padded(16_400), 'too_large')
  refuses(on, 'x'.repeat(10_000_000), 'too_large')
})

t.test('three segments of canonical base64url', async (on) => {
  const token = forge({})
  const [head = '', body = '', tail = ''] = token.split('.')
  for (const bad of [
    '',
    '.',
    '..',
    '...',
    head,
    `${head}.${body}`,
    `${head}.${body}.`,
    `.${body}.${tail}`,
    `${head}..${tail}`,
    `${token}.`,
    `${token}.${tail}.${tail}.${tail}`,
    ` ${token}`,
    `${token}\n`,
    `${token}=`,
    `${head}=.${body}.${tail}`,
    `${head}.${body.slice(0, 9)} ${body.slice(9)}.${tail}`,
    `${head}.${body.slice(0, 9)}+/${body.slice(9)}.${tail}`,
    `${head}.${body.slice(0, 9)}é${body.slice(9)}.${tail}`,
  ]) {
    refuses(on, bad, 'malformed', bad.slice(0, 40))
  }
})

t.test('spare bits in the last character are refused: one signature, one text', async (on) => {
  const token = forge({})
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.at(-1) ?? '')
  // 64 bytes leave four spare bits in the 86th character.
  for (let spare = 1; spare < 16; spare++) {
    const other = token.slice(0, -1) + alphabet[(last & 0b110000) | spare]
    refuses(on, other, 'malformed')
  }
})

t.test('header and payload are JSON objects without a name twice', async (on) => {
  for (const name of ['iss', 'aud', 'exp', 'sub']) {
    const twice = `{"${name}":"evil",${JSON.stringify(goodClaims).slice(1)}`
    refuses(on, forge({ payload: twice }), 'malformed', `${name} twice`)
  }
  refuses(
    on,
    forge({ header: `{"alg":"none",${JSON.stringify(goodHeader).slice(1)}` }),
    'malformed',
    'alg twice',
  )
  for (const payload of [[goodClaims], '\uFEFF{}', 'null', '""', '1', '{}{}', 'not json', '']) {
    refuses(on, forge({ payload }), 'malformed')
  }
  refuses(on, forge({ header: [goodHeader] }), 'malformed')
  refuses(on, forge({ header: '\uFEFF' + JSON.stringify(goodHeader) }), 'malformed')
})

t.test('extensions are not understood, so they are refused', async (on) => {
  for (const crit of [[], ['b64'], ['x'], null, 'b64', {}]) {
    refuses(on, forge({ header: { ...goodHeader, crit } }), 'bad_header')
  }
  refuses(on, forge({ header: { ...goodHeader, b64: false } }), 'bad_header')
  refuses(on, forge({ header: { ...goodHeader, b64: false, crit: ['b64'] } }), 'bad_header')
})

t.test('alg, kid and typ are strings', async (on) => {
  const without = (name: string): object =>
    Object.fromEntries(Object.entries(goodHeader).filter(([key]) => key !== name))
  const reasons = { alg: 'bad_algorithm', kid: 'bad_header', typ: 'bad_type' } as const
  for (const name of ['alg', 'kid', 'typ'] as const) {
    refuses(on, forge({ header: without(name) }), reasons[name])
    for (const value of [null, 1, true, [], ['ES256'], {}, { toString: 'x' }]) {
      refuses(on, forge({ header: { ...goodHeader, [name]: value } }), reasons[name])
    }
  }
  refuses(on, forge({ header: { ...goodHeader, kid: '' } }), 'bad_header')
  refuses(on, forge({ header: { ...goodHeader, kid: 'x'.repeat(10_240) } }), 'bad_header')
  for (const kid of ['__proto__', 'constructor', '../../etc/passwd', "' OR 1=1 --", '\0']) {
    on.equal(parseUnverified(forge({ header: { ...goodHeader, kid } })).header.kid, kid, 'opaque text')
  }
})

t.test('keys and URLs in the header do not even come along', async (on) => {
  const jwk = pair.publicKey.export({ format: 'jwk' })
  const header = { ...goodHeader, jwk, jku: 'http://127.0.0.1:1/', x5u: 'http://127.0.0.1:1/', x5c: ['AAAA'] }
  on.strictSame(parseUnverified(forge({ header })).header, goodHeader)
})

t.test('typ is compared as a media type', async (on) => {
  const typed = (typ: string) => parseUnverified(forge({ header: { ...goodHeader, typ } }))
  for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/at+JWT']) {
    on.doesNotThrow(() => requireType(typed(typ), 'at+jwt'), typ)
  }
  for (const typ of [
    'JWT',
    'internal+jwt',
    'at+jwt ',
    'xat+jwt',
    '',
    'application/application/at+jwt',
    'logout+jwt',
  ]) {
    on.throws(() => requireType(typed(typ), 'at+jwt'), { name: 'TokenRejected', reason: 'bad_type' }, typ)
  }
})

t.test('an ES256 signature is 64 bytes made with the key', async (on) => {
  const check = (token: string): void => requireEs256(parseUnverified(token), pair.publicKey)
  on.doesNotThrow(() => check(forge({})))
  for (const length of [1, 63, 65, 70, 72, 128]) {
    on.throws(
      () => check(forge({ signature: Buffer.alloc(length, 1) })),
      { name: 'TokenRejected', reason: 'bad_signature' },
      `${length} bytes`,
    )
  }
  on.throws(
    () => check(forge({ signature: Buffer.alloc(64) })),
    { name: 'TokenRejected', reason: 'bad_signature' },
    'r = s = 0',
  )
  for (const alg of ['none', 'None', 'NONE', 'nOnE', 'HS256', 'ES384', 'EdDSA', 'es256', '']) {
    on.throws(
      () => check(forge({ header: { ...goodHeader, alg } })),
      { name: 'TokenRejected', reason: 'bad_algorithm' },
      alg,
    )
  }
})

t.test('whatever the text, nothing but TokenRejected is thrown', async (on) => {
  const segment = fc.oneof(
    fc.string({ unit: 'binary' }).map(base64url),
    fc.json().map(base64url),
    fc
      .dictionary(fc.constantFrom('alg', 'kid', 'typ', 'crit', 'b64', '__proto__'), fc.jsonValue())
      .map((header) => base64url(JSON.stringify(header))),
    fc.uint8Array().map(base64url),
    fc.string({ unit: 'binary' }),
  )
  const token = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(segment, { maxLength: 5 }).map((parts) => parts.join('.')),
  )
  holds(
    on,
    fc.property(token, (text) => {
      try {
        parseUnverified(text)
        return true
      } catch (error) {
        return error instanceof TokenRejected
      }
    }),
    { numRuns: 3_000 },
  )
})

t.test(
  'whatever one character of a good token becomes, it is refused or differs in what it says',
  async (on) => {
    const token = forge({})
    const change = fc.tuple(fc.nat({ max: token.length - 1 }), fc.string({ minLength: 1, maxLength: 1 }))
    holds(
      on,
      fc.property(change, ([at, character]) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1)
        if (changed === token) return true
        try {
          requireEs256(parseUnverified(changed), pair.publicKey)
          return false
        } catch (error) {
          return error instanceof TokenRejected
        }
      }),
      { numRuns: 1_000 },
    )
  },
)

t.test('a refusal names no value', async (on) => {
  const canary = 'canary-value'
  for (const token of [
    canary,
    forge({ header: { ...goodHeader, crit: [canary] } }),
    forge({ payload: canary }),
  ]) {
    try {
      parseUnverified(token)
      on.fail('accepted')
    } catch (error) {
      on.notMatch(String(error), canary)
    }
  }
})
