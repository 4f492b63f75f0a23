import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Stage } from '../../run/stage.ts'
import type { TokenServer } from './token-server.ts'

const Answer = Type.Object({ tokens: Type.Array(Type.String()) })
const Codes = Type.Object({
  codes: Type.Array(Type.String()),
  verifier: Type.String(),
  redirectUri: Type.String(),
})
const kid = 'bench-client'

/** oidc-provider with its own memory adapter. */
export async function bareServer(stage: Stage): Promise<TokenServer> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const secret = randomBytes(24).toString('base64url')
  const assertionKey = { ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid }
  const settings = { secret, assertionKey }
  const child = stage.node('bare-oidc', 'programs/bare-oidc.ts', settings, stage.cores.contestant)
  const port = await stage.port(child)
  const host = `127.0.0.1:${port}`
  const issuer = `http://${host}`
  return {
    name: 'bare oidc-provider, memory',
    child,
    servants: [],
    port,
    token: { host, path: '/token', issuer },
    introspection: { host, path: '/token/introspection', issuer },
    secret,
    assertion: { key: privateKey, kid },
    async refreshTokens(count) {
      child.send({ refreshTokens: count })
      return Value.Parse(Answer, await child.message()).tokens
    },
    async codes(count) {
      child.send({ codes: count })
      const { codes, verifier, redirectUri } = Value.Parse(Codes, await child.message())
      return codes.map((code) => ({ code, verifier, redirectUri }))
    },
  }
}
