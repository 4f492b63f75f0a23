import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { conforms, Type } from '@gatehouse/kit'
import { verifyInternalToken } from '@gatehouse/kit/tokens/internal'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { root } from '../harness/sources.ts'

const Jwk = Type.Object({
  kty: Type.String(),
  crv: Type.String(),
  kid: Type.String(),
  x: Type.String(),
  y: Type.String(),
})
const Vectors = Type.Object({
  expect: Type.Object({
    issuer: Type.String(),
    audience: Type.String(),
    presenter: Type.String(),
    now: Type.Integer(),
    tolerance_seconds: Type.Integer(),
  }),
  jwks: Type.Object({ keys: Type.Array(Jwk) }),
  valid: Type.Array(Type.Object({ name: Type.String(), token: Type.String() }), { minItems: 5 }),
  invalid: Type.Array(
    Type.Object({
      name: Type.String(),
      token: Type.String(),
      reason: Type.String(),
      presenter: Type.Optional(Type.String()),
    }),
    { minItems: 30 },
  ),
})

const vectors: unknown = JSON.parse(readFileSync(join(root, 'test/vectors/internal-tokens.json'), 'utf8'))
if (!conforms(Vectors, vectors)) throw new TypeError('the vectors do not have their shape')
const { expect, jwks, valid, invalid } = vectors
const keys = new Map<string, KeyObject>(
  jwks.keys.map((jwk) => [jwk.kid, createPublicKey({ key: { ...jwk }, format: 'jwk' })]),
)

function outcome(token: string, presenter = expect.presenter): string {
  try {
    verifyInternalToken(token, {
      key: (kid) => keys.get(kid),
      issuer: expect.issuer,
      audience: expect.audience,
      presenter,
      now: expect.now * 1000,
      toleranceMs: expect.tolerance_seconds * 1000,
    })
    return 'valid'
  } catch (error) {
    return error instanceof TokenRejected ? error.reason : String(error)
  }
}

t.test('what is valid is taken', async (t) => {
  for (const { name, token } of valid) t.equal(outcome(token), 'valid', name)
})

t.test('what is not is refused, for the reason that is written there', async (t) => {
  for (const { name, token, reason, presenter } of invalid) t.equal(outcome(token, presenter), reason, name)
})
