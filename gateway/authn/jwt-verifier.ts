import fastify from 'fastify'
import { withoutSchemas } from '@gatehouse/kit/http/no-schemas'
import type { VerificationKey } from '@gatehouse/kit/tokens/jwks-client'

/** Throws when the signature is not this key's. */
export type VerifyJwt = (token: string) => void

/**
 * A verifier by @fastify/jwt for one key. Given options at a request, the plugin would build it anew each time, so
 * there is one tiny instance for each key, with the algorithm pinned. Times, issuer, audience and the shape of the
 * claims are the kit's to check: the library lets much of it pass (dependencies.md).
 */
export async function jwtVerifier(key: VerificationKey): Promise<VerifyJwt> {
  // Loaded with the first token that comes again, which waits for it.
  const { default: fastifyJwt } = await import('@fastify/jwt')
  const app = fastify({ schemaController: withoutSchemas })
  await app.register(fastifyJwt, {
    secret: { public: key.pem },
    verify: { algorithms: [key.alg], ignoreExpiration: true, ignoreNotBefore: true },
  })
  await app.ready()
  return (token) => void app.jwt.verify(token)
}
