import { systemClock } from '@gatehouse/kit/clock'
import { guardPlugin } from '@gatehouse/kit/guard/fastify'
import { createGuard } from '@gatehouse/kit/guard/guard'
import { createHttpServer } from '@gatehouse/kit/http/server'
import { createLogger } from '@gatehouse/kit/log'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import { mtlsServerOptions } from '@gatehouse/kit/mtls/tls'
import { JwksClient } from '@gatehouse/kit/tokens/jwks-client'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { scope, upstreamName } from '../run/names.ts'
import { payload } from '../upstream/payload.ts'
import { listenAndAnnounce } from './listen.ts'

// One service on the kit's server with mutual TLS, with the kit's guard or without it, and nothing else.

const Options = Type.Object({
  certsDir: Type.String(),
  trustDomain: Type.String(),
  guarded: Type.Boolean(),
  issuer: Type.String(),
  jwks: Type.Unknown(),
})
const { certsDir, trustDomain, guarded, issuer, jwks } = Value.Parse(
  Options,
  JSON.parse(process.argv[2] ?? '{}'),
)
const log = createLogger({ name: 'bench', level: 'warn' })
const body = payload(300)

async function guard(app: FastifyInstance): Promise<void> {
  const keys = new JwksClient({ fetch: async () => jwks, clock: systemClock, log })
  await keys.start()
  const options = { service: upstreamName, trustDomain, issuer, jwks: keys, clock: systemClock }
  await app.register(guardPlugin, { guard: createGuard(options) })
}

const material = loadWorkload(certsDir, trustDomain, upstreamName)
const app = createHttpServer({ log, https: mtlsServerOptions(material, { clientCertificate: 'require' }) })
if (guarded) await guard(app)
app.get('/api/300', { config: guarded ? { guard: { scopes: [scope] } } : {} }, (_request, reply) =>
  reply.type('application/json').send(body),
)
await listenAndAnnounce(app)
