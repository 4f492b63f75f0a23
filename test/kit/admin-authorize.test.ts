import { generateKeyPairSync } from 'node:crypto'
import { authorizeAdmin } from '@gatehouse/kit/admin/authorize'
import { SignJWT } from 'jose'
import t from 'tap'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const authority = {
  issuer: 'https://idp.test',
  now: () => Date.now(),
  key: (kid: string) => (kid === 'k1' ? publicKey : undefined),
  isRevoked: (claims: { readonly jti: string }) => claims.jti === 'taken-back',
}

async function bearer(changes: Readonly<Record<string, unknown>> = {}, typ = 'at+jwt'): Promise<string> {
  const claims = {
    iss: authority.issuer,
    aud: 'urn:gatehouse:admin',
    sub: 'acc-ada',
    client_id: 'console',
    scope: 'admin:read',
    jti: 'j1',
    roles: ['admin'],
  }
  const token = await new SignJWT({ ...claims, ...changes })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ })
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey)
  return `Bearer ${token}`
}

t.test('a person with the role, and a client for itself', async (t) => {
  t.equal((await authorizeAdmin(authority, await bearer(), 'admin:read')).sub, 'acc-ada')
  const machine = await bearer({ sub: 'console', roles: undefined })
  t.equal((await authorizeAdmin(authority, machine, 'admin:read')).sub, 'console')
})

t.test('everybody else is refused', async (t) => {
  const refused: readonly (readonly [string, string | undefined, string])[] = [
    ['no token', undefined, 'missing_credentials'],
    ['another scheme', 'Basic abc', 'missing_credentials'],
    ['no token at all', 'Bearer abc', 'invalid_token'],
    ['a person without the role', await bearer({ roles: ['support'] }), 'insufficient_role'],
    ['a person without roles', await bearer({ roles: undefined }), 'insufficient_role'],
    ['another scope', await bearer({ scope: 'admin:write' }), 'insufficient_scope'],
    ['a scope that begins like it', await bearer({ scope: 'admin:read-not' }), 'insufficient_scope'],
    ['a token for the APIs', await bearer({ aud: 'urn:gatehouse:api' }), 'invalid_token'],
    ['of another issuer', await bearer({ iss: 'https://other.test' }), 'invalid_token'],
    ['an ID token', await bearer({}, 'JWT'), 'invalid_token'],
    ['bound to a key that nobody showed', await bearer({ cnf: { jkt: 'x' } }), 'invalid_token'],
    ['taken back', await bearer({ jti: 'taken-back' }), 'invalid_token'],
  ]
  for (const [what, authorization, code] of refused) {
    await t.rejects(authorizeAdmin(authority, authorization, 'admin:read'), { code }, what)
  }
})
