import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { newKey } from '../gateway/fake-issuer.ts'
import { invalidToken, refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const { issuer } = rig
const path = '/api/orders'

t.test('a kid is an opaque name', async (t) => {
  const kids: readonly unknown[] = [
    '../../../../etc/passwd',
    '/dev/null',
    "' OR '1'='1",
    'x'.repeat(10_000),
    [issuer.key.kid],
    { a: 1 },
    1,
    null,
    '',
    '__proto__',
    'constructor',
    'toString',
    `${issuer.key.kid}\u0000`,
    `${issuer.key.kid} `,
  ]
  for (const kid of kids) {
    await refused(
      t,
      rig,
      JSON.stringify(kid).slice(0, 30),
      { path, token: issuer.token({}, { kid }) },
      invalidToken,
    )
  }
  const { kid: _kid, ...without } = { kid: '', alg: 'ES256', typ: 'at+jwt' }
  const token = issuer.sign(JSON.stringify(without), JSON.stringify(issuer.claims()))
  await refused(t, rig, 'none', { path, token }, invalidToken)
})

t.test('keys that a token brings along are neither used nor fetched', async (t) => {
  let fetched = 0
  const attacker = createServer((_request, response) => {
    fetched++
    response.end('{"keys":[]}')
  })
  await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise((resolve) => attacker.close(resolve)))
  const { port } = Object(attacker.address()) satisfies AddressInfo
  const own = newKey()
  const jwk = own.publicKey.export({ format: 'jwk' })
  const url = `http://127.0.0.1:${port}/keys`
  for (const header of [
    { jku: url, kid: own.kid },
    { x5u: url, kid: own.kid },
    { jwk, kid: own.kid },
    { jwk: { ...jwk, kid: issuer.key.kid } },
    { x5c: ['MIIB'], kid: own.kid },
    { jku: url },
  ]) {
    const token = issuer.sign(JSON.stringify(issuer.header(header)), JSON.stringify(issuer.claims()), own)
    await refused(t, rig, JSON.stringify(header).slice(0, 40), { path, token }, invalidToken)
  }
  t.equal(fetched, 0, 'nobody was asked')
  t.same(issuer.otherRequests, [])
})

t.test('extensions that nobody here understands (RFC 7515 section 4.1.11)', async (t) => {
  for (const header of [
    { crit: ['exp'] },
    { crit: ['x'], x: 1 },
    { crit: [] },
    { crit: 'x' },
    { crit: null },
    { b64: false },
    { b64: false, crit: ['b64'] },
    { b64: true },
  ]) {
    await refused(t, rig, JSON.stringify(header), { path, token: issuer.token({}, header) }, invalidToken)
  }
})

t.test('a header that says a thing twice, or is none', async (t) => {
  const claims = JSON.stringify(issuer.claims())
  const { kid } = issuer.key
  for (const header of [
    `{"alg":"none","alg":"ES256","kid":"${kid}","typ":"at+jwt"}`,
    `{"alg":"ES256","kid":"x","kid":"${kid}","typ":"at+jwt"}`,
    `[{"alg":"ES256","kid":"${kid}","typ":"at+jwt"}]`,
    `"ES256"`,
    `\ufeff{"alg":"ES256","kid":"${kid}","typ":"at+jwt"}`,
    '',
  ]) {
    await refused(t, rig, header.slice(0, 30), { path, token: issuer.sign(header, claims) }, invalidToken)
  }
})
