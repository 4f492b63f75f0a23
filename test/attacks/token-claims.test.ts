import t from 'tap'
import { invalidToken, refused } from '../gateway/refused.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const { issuer } = rig
const path = '/api/orders'
const header = JSON.stringify(issuer.header())
const claims = JSON.stringify(issuer.claims())

t.test('a claim that is there twice', async (t) => {
  for (const name of ['iss', 'aud', 'exp', 'sub', 'scope']) {
    const value = JSON.stringify(Object(issuer.claims())[name])
    for (const payload of [
      claims.replace('{', `{"${name}":"other",`),
      claims.replace('{', `{"${name}":${value},`),
      claims.replace('{', `{"\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}":"other",`),
    ]) {
      await refused(
        t,
        rig,
        `${name} ${payload.slice(0, 20)}`,
        { path, token: issuer.sign(header, payload) },
        invalidToken,
      )
    }
  }
})

t.test('a payload that is no object of claims', async (t) => {
  for (const payload of [
    `[${claims}]`,
    '[]',
    'null',
    '1',
    '""',
    '',
    '{',
    `\ufeff${claims}`,
    `${claims}x`,
    `${claims}\u0000`,
  ]) {
    await refused(t, rig, payload.slice(0, 12), { path, token: issuer.sign(header, payload) }, invalidToken)
  }
})

t.test('times that are no times', async (t) => {
  const exp = Math.floor(Date.now() / 1000) + 300
  for (const text of [`"${exp}"`, `${exp}.5`, '1e400', 'null', 'true', `[${exp}]`, '{}', '-1', '1e308']) {
    for (const name of ['exp', 'iat', 'nbf']) {
      const rest = JSON.stringify(issuer.claims({ [name]: undefined }))
      const token = issuer.sign(header, rest.replace('{', `{"${name}":${text},`))
      await refused(t, rig, `${name} ${text}`, { path, token }, invalidToken)
    }
  }
})

t.test('claims that are missing or of another type', async (t) => {
  for (const name of ['iss', 'sub', 'aud', 'client_id', 'iat', 'exp', 'jti']) {
    await refused(t, rig, `no ${name}`, { path, token: issuer.token({ [name]: undefined }) }, invalidToken)
    await refused(t, rig, `${name} null`, { path, token: issuer.token({ [name]: null }) }, invalidToken)
    await refused(t, rig, `${name} {}`, { path, token: issuer.token({ [name]: {} }) }, invalidToken)
  }
  for (const odd of [
    { sub: '' },
    { jti: 1 },
    { scope: ['orders:read'] },
    { scope: 'a  b' },
    { roles: 'admin' },
    { sid: 1 },
  ]) {
    await refused(t, rig, JSON.stringify(odd), { path, token: issuer.token(odd) }, invalidToken)
  }
})

t.test('audience and issuer are exact', async (t) => {
  const api = 'urn:gatehouse:api'
  for (const aud of [
    '',
    {},
    [],
    [[api]],
    ['urn:gatehouse:other'],
    `${api}/`,
    'URN:gatehouse:api',
    'urn:gatehouse',
    `${api} x`,
    1,
  ]) {
    await refused(t, rig, `aud ${JSON.stringify(aud)}`, { path, token: issuer.token({ aud }) }, invalidToken)
  }
  const { issuer: iss } = issuer
  for (const other of [
    [iss],
    `${iss}/`,
    iss.toUpperCase(),
    iss.replace('http', 'https'),
    '',
    'urn:gatehouse:gatehouse.local:internal',
  ]) {
    await refused(
      t,
      rig,
      `iss ${JSON.stringify(other)}`,
      { path, token: issuer.token({ iss: other }) },
      invalidToken,
    )
  }
  t.equal(
    (await rig.call({ path, token: issuer.token({ aud: ['urn:other', api] }) })).status,
    200,
    'one of several is ours',
  )
})

t.test('a token that is bound to a key is not taken as unbound', async (t) => {
  for (const cnf of [
    { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' },
    { 'x5t#S256': 'x' },
    {},
    { other: 1 },
    null,
    'x',
  ]) {
    await refused(t, rig, JSON.stringify(cnf), { path, token: issuer.token({ cnf }) }, invalidToken)
  }
})
