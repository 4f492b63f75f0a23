import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import t from 'tap'
import { base64url } from '../gateway/fake-issuer.ts'
import { invalidToken, refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const { issuer } = rig
const payload = JSON.stringify(issuer.claims())

const input = (header: object): string =>
  `${base64url(JSON.stringify(issuer.header(header)))}.${base64url(payload)}`

t.test('alg none, in any case, with and without a signature', async (t) => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
    const unsigned = input({ alg })
    const signature = issuer.token().split('.')[2]
    for (const token of [`${unsigned}.`, `${unsigned}.${signature}`]) {
      const { status, headers } = await rig.call({ path: '/api/orders', token })
      t.ok(status === 401 || status === 400, `${alg}: ${status}`)
      t.match(headers['www-authenticate'], /error="invalid_(token|request)"/)
    }
    await refused(t, rig, alg, { path: '/api/orders', token: `${unsigned}.${signature}` }, invalidToken)
  }
  t.equal(rig.reached(), 0)
})

t.test('HS256 keyed with what is public', async (t) => {
  const jwk = issuer.key.publicKey.export({ format: 'jwk' })
  const pem = issuer.key.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const secrets = [pem, pem.trim(), JSON.stringify(jwk), JSON.stringify({ keys: [jwk] }), '', issuer.key.kid]
  for (const alg of ['HS256', 'HS384', 'HS512', 'hs256']) {
    for (const secret of secrets) {
      const signed = input({ alg })
      const hash = `sha${alg.slice(2)}`
      const signature = createHmac(hash, secret).update(signed).digest('base64url')
      const token = `${signed}.${signature}`
      await refused(t, rig, `${alg} ${secret.slice(0, 10)}`, { path: '/api/orders', token }, invalidToken)
    }
  }
})

t.test('another algorithm than the key has', async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signed = input({ alg: 'RS256' })
  const token = `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
  await refused(t, rig, 'RS256', { path: '/api/orders', token }, invalidToken)
  const ed = generateKeyPairSync('ed25519').privateKey
  const edSigned = input({ alg: 'EdDSA' })
  const edToken = `${edSigned}.${sign(null, Buffer.from(edSigned), ed).toString('base64url')}`
  await refused(t, rig, 'EdDSA', { path: '/api/orders', token: edToken }, invalidToken)
  for (const alg of ['ES384', 'ES512', 'es256', 'PS256']) {
    await refused(t, rig, alg, { path: '/api/orders', token: issuer.token({}, { alg }) }, invalidToken)
  }
})

t.test('a key of somebody else under the known kid', async (t) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = { kid: issuer.key.kid, privateKey, publicKey: createPublicKey(privateKey) }
  const token = issuer.sign(JSON.stringify(issuer.header()), payload, key)
  await refused(t, rig, 'foreign key', { path: '/api/orders', token }, invalidToken)
})
