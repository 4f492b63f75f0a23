import { join } from 'node:path'
import { parseDuration } from '../units.ts'
import type { CompileContext } from './compile-context.ts'
import { compileProtocol } from './compile-protocol.ts'
import type { WrittenIdp } from './schema.ts'
import type { IdpConfig, TtlConfig } from './types.ts'

/** The IdP's section with its defaults: ports +1 (public) and +91 (admin). */
export function compileIdp(written: WrittenIdp, context: CompileContext): IdpConfig {
  return {
    listen: written.listen ?? { host: 'localhost', port: context.portBase + 1 },
    admin: written.admin ?? { host: '127.0.0.1', port: context.portBase + 91 },
    store: written.store ?? `sqlite:${join(context.dataDir, 'idp.sqlite')}`,
    ttl: compileTtl(written.ttl ?? {}),
    refreshGraceMs: parseDuration(written.refreshGrace ?? '10s'),
    trustedProxies: written.trustedProxies ?? [],
    demo: written.demo ?? !context.production,
    protocol: compileProtocol(written),
    roles: written.roles ?? {},
  }
}

function compileTtl(written: NonNullable<WrittenIdp['ttl']>): TtlConfig {
  return {
    accessTokenMs: parseDuration(written.accessToken ?? '5m'),
    refreshTokenMs: parseDuration(written.refreshToken ?? '14d'),
    idTokenMs: parseDuration(written.idToken ?? '5m'),
    codeMs: parseDuration(written.code ?? '60s'),
    sessionMs: parseDuration(written.session ?? '14d'),
    grantMs: parseDuration(written.grant ?? '14d'),
    interactionMs: parseDuration(written.interaction ?? '1h'),
    resourcesMs: Object.fromEntries(
      Object.entries(written.resources ?? {}).map(([resource, life]) => [resource, parseDuration(life)]),
    ),
  }
}
