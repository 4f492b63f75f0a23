import { createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import t from 'tap'
import { publicJwk } from '@gatehouse/kit/keys/jwk'
import { refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const path = '/api/orders'
const twenty = Array.from({ length: 20 })

interface Holder {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const newHolder = (): Holder => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const holder = newHolder()
const jktOf = ({ publicKey }: Holder) => publicJwk(publicKey).kid
const bound = () => rig.issuer.token({ cnf: { jkt: jktOf(holder) } })

interface Changes {
  readonly claims?: object
  readonly header?: object
  readonly by?: Holder
}

function proof(token: string, { claims = {}, header = {}, by = holder }: Changes = {}): string {
  const { kty, crv, x, y } = publicJwk(by.publicKey)
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = encode({ alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y }, ...header })
  const body = encode({
    htm: 'GET',
    htu: `http://${rig.host}${path}`,
    iat: Math.floor(Date.now() / 1000),
    jti: randomUUID(),
    ath: createHash('sha256').update(token).digest('base64url'),
    ...claims,
  })
  const key = { key: by.privateKey, dsaEncoding: 'ieee-p1363' } as const
  return `${head}.${body}.${sign('sha256', Buffer.from(`${head}.${body}`), key).toString('base64url')}`
}

const sending = (token: string, dpop: string | string[]) => ({
  path,
  token: null,
  headers: { authorization: `DPoP ${token}`, dpop },
})

t.test('the holder passes, with or without what does not count in htu', async (t) => {
  const token = bound()
  t.equal((await rig.call(sending(token, proof(token)))).status, 200)
  const htu = `http://${rig.host.toUpperCase()}${path}?a=b#c`
  t.equal((await rig.call(sending(token, proof(token, { claims: { htu } })))).status, 200)
})

t.test('every wrong proof: 401 invalid_dpop_proof', async (t) => {
  const token = bound()
  const now = Math.floor(Date.now() / 1000)
  const other = newHolder()
  const wrong: readonly (readonly [string, string | string[]])[] = [
    ['none', []],
    ['two', [proof(token), proof(token)]],
    ['empty', ''],
    ['htm', proof(token, { claims: { htm: 'POST' } })],
    ['htu of another path', proof(token, { claims: { htu: `http://${rig.host}/api/users/me` } })],
    ['htu of another host', proof(token, { claims: { htu: `http://elsewhere.test${path}` } })],
    ['htu https', proof(token, { claims: { htu: `https://${rig.host}${path}` } })],
    ['ath', proof(token, { claims: { ath: 'x' } })],
    ['ath of another token', proof(bound())],
    ['no ath', proof(token, { claims: { ath: undefined } })],
    ['too old', proof(token, { claims: { iat: now - 90 } })],
    ['from the future', proof(token, { claims: { iat: now + 90 } })],
    ['iat a string', proof(token, { claims: { iat: String(now) } })],
    ['another key', proof(token, { by: other })],
    ['no jti', proof(token, { claims: { jti: undefined } })],
    ['jti of 10 kB', proof(token, { claims: { jti: 'x'.repeat(10_000) } })],
    ['alg none', proof(token, { header: { alg: 'none' } })],
    ['alg HS256', proof(token, { header: { alg: 'HS256' } })],
    ['typ', proof(token, { header: { typ: 'JWT' } })],
    ['crit', proof(token, { header: { crit: ['x'] } })],
    ['a private key', proof(token, { header: { jwk: holder.privateKey.export({ format: 'jwk' }) } })],
    ['a signature of somebody else', proof(token, { header: { jwk: publicJwk(other.publicKey) } })],
    ['the access token itself', token],
  ]
  for (const [what, dpop] of wrong) {
    const answer = await refused(t, rig, what, sending(token, dpop), [401, 'invalid_dpop_proof'])
    t.match(
      answer.headers['www-authenticate'],
      /^DPoP realm="gatehouse", .*algs="ES256", error="invalid_dpop_proof"$/,
    )
  }
})

t.test('a jti replayed 20 times in parallel: exactly one 200', async (t) => {
  const token = bound()
  const dpop = proof(token)
  const before = rig.reached()
  const all = await Promise.all(twenty.map(() => rig.call(sending(token, dpop))))
  t.equal(all.filter(({ status }) => status === 200).length, 1)
  t.equal(all.filter(({ json }) => json['code'] === 'invalid_dpop_proof').length, 19)
  t.equal(rig.reached(), before + 1)
  await refused(t, rig, 'and later', sending(token, dpop), [401, 'invalid_dpop_proof'])
})

t.test('a bound token is no bearer token, known or not', async (t) => {
  const token = bound()
  const dpop = proof(token)
  await refused(t, rig, 'unknown', { path, token }, [401, 'invalid_token'])
  t.equal((await rig.call(sending(token, proof(token)))).status, 200)
  await refused(t, rig, 'known', { path, token }, [401, 'invalid_token'])
  await refused(t, rig, 'with a proof', { path, token, headers: { dpop } }, [401, 'invalid_token'])
  const certified = rig.issuer.token({ cnf: { 'x5t#S256': 'A'.repeat(43) } })
  await refused(t, rig, 'bound to a certificate that nobody showed', { path, token: certified }, [
    401,
    'invalid_token',
  ])
})

t.test('a bearer token is not made a bound one by a proof', async (t) => {
  const token = rig.issuer.token()
  const answer = await refused(t, rig, 'unbound', sending(token, proof(token)), [401, 'invalid_token'])
  t.match(answer.headers['www-authenticate'], /^DPoP .*error="invalid_token"$/)
})

t.test('where nonces are demanded', async (t) => {
  const strict = await startRig(t, { config: 'idp: { dpop: { requireNonce: true } }' })
  const token = strict.issuer.token({ cnf: { jkt: jktOf(holder) } })
  const htu = `http://${strict.host}${path}`
  const first = await refused(t, strict, 'none', sending(token, proof(token, { claims: { htu } })), [
    401,
    'use_dpop_nonce',
  ])
  const nonce = first.headers['dpop-nonce']
  t.equal((await strict.call(sending(token, proof(token, { claims: { htu, nonce } })))).status, 200)
  strict.clock.advance(601_000)
  const late = strict.issuer.token({ cnf: { jkt: jktOf(holder) } })
  await refused(t, strict, 'old', sending(late, proof(late, { claims: { htu, nonce } })), [
    401,
    'use_dpop_nonce',
  ])
})

t.test('wrong proofs are failed authentications, and shut out nobody else who is known', async (t) => {
  const limited = await startRig(t, { failedAuthentications: 5 })
  const claims = { htu: `http://${limited.host}${path}` }
  const tokenOf = (sub: string) => limited.issuer.token({ sub, cnf: { jkt: jktOf(holder) } })
  const [stolen, neighbours] = [tokenOf('mallory'), tokenOf('nina')]
  const asHolder = (token: string) => limited.call(sending(token, proof(token, { claims })))
  for (const token of [stolen, stolen, neighbours, neighbours]) t.equal((await asHolder(token)).status, 200)
  const thief = newHolder()
  const wrong = (token: string) => sending(token, proof(token, { claims, by: thief }))
  for (let n = 0; n < 5; n++) await refused(t, limited, 'wrong', wrong(stolen), [401, 'invalid_dpop_proof'])
  await refused(t, limited, 'one more', wrong(stolen), [429, 'rate_limited'])
  const unknown = tokenOf('nora')
  await refused(t, limited, 'who is not known', sending(unknown, proof(unknown, { claims })), [
    429,
    'rate_limited',
  ])
  t.equal((await asHolder(neighbours)).status, 200, 'who is known already goes on')
})

t.test('a token that was bound to a certificate, too, with that of another or none', async (t) => {
  const limited = await startRig(t, { failedAuthentications: 5 })
  const token = limited.issuer.token({ cnf: { 'x5t#S256': 'A'.repeat(43) } })
  for (let n = 0; n < 5; n++) await refused(t, limited, 'none', { path, token }, [401, 'invalid_token'])
  await refused(t, limited, 'one more', { path, token }, [429, 'rate_limited'])
})

t.test('a nonce that is asked for is no failure', async (t) => {
  const config = 'idp: { dpop: { requireNonce: true } }'
  const limited = await startRig(t, { config, failedAuthentications: 2 })
  const token = limited.issuer.token({ cnf: { jkt: jktOf(holder) } })
  for (let n = 0; n < 4; n++) {
    const claims = { htu: `http://${limited.host}${path}` }
    await refused(t, limited, 'none', sending(token, proof(token, { claims })), [401, 'use_dpop_nonce'])
  }
})

t.test('whoever comes with DPoP is challenged with DPoP (RFC 9449 section 7.1)', async (t) => {
  const cnf = { jkt: jktOf(holder) }
  const cases: readonly (readonly [string, string, string, number, string])[] = [
    ['expired', rig.issuer.token({ cnf, exp: 1 }), path, 401, 'invalid_token'],
    ['no token at all', 'abc', path, 401, 'invalid_token'],
    ['scope', rig.issuer.token({ cnf, scope: 'users:read' }), path, 403, 'insufficient_scope'],
    [
      'age',
      rig.issuer.token({ cnf, auth_time: 1 }),
      '/api/orders/1',
      401,
      'insufficient_user_authentication',
    ],
  ]
  for (const [what, token, at, status, error] of cases) {
    const method = error === 'insufficient_user_authentication' ? 'DELETE' : 'GET'
    const claims = { htm: method, htu: `http://${rig.host}${at}` }
    const dpop = proof(token, { claims })
    const answer = await refused(t, rig, what, { ...sending(token, dpop), method, path: at }, [status, error])
    const challenge = String(answer.headers['www-authenticate'])
    t.match(challenge, /^DPoP realm="gatehouse", /, what)
    t.match(challenge, `algs="ES256", error="${error}"`, what)
    t.notMatch(challenge, 'Bearer')
  }
})

t.test('htu may be written in any way that is the same (RFC 9449 section 4.3)', async (t) => {
  const token = bound()
  const ask = (at: string, htu: string) => {
    const claims = { htu: `http://${rig.host}${htu}` }
    return rig.call({ ...sending(token, proof(token, { claims })), path: at })
  }
  for (const htu of ['/api/orders/~a%2B', '/api/orders/%7Ea%2b', '/api/x/../orders/%7ea%2B'])
    for (const at of ['/api/orders/%7ea%2b', '/api/orders/~a%2B'])
      t.equal((await ask(at, htu)).status, 200, `${at} ${htu}`)
  for (const htu of ['/api/orders/~a+', '/api/orders/~A%2B', '/api/orders/%257Ea%2B', '/api/orders/%zz'])
    t.equal((await ask('/api/orders/~a%2B', htu)).json['code'], 'invalid_dpop_proof', htu)
})
