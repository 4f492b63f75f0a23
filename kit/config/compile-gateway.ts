import { join } from 'node:path'
import { parseDuration } from '../units.ts'
import { originOf, type CompileContext } from './compile-context.ts'
import { compileIntrospection } from './compile-introspection.ts'
import { compileGatewayLimits } from './compile-limits.ts'
import type { WrittenGateway } from './schema.ts'
import type { GatewayConfig, InternalDoorConfig, PublicTlsConfig } from './types.ts'

/** Those of the services that come along. */
const sessionScopes = ['users:read', 'orders:read', 'orders:write', 'inventory:read']

/** The gateway's section with its defaults: ports +0 (public), +443 (internal door), +90 (admin). */
export function compileGateway(
  written: WrittenGateway,
  trustDomain: string,
  context: CompileContext,
): GatewayConfig {
  const origin = originOf(written.origin ?? `http://localhost:${context.portBase}`)
  return {
    origin,
    listen: written.listen ?? { host: 'localhost', port: context.portBase },
    internal: compileInternalDoor(written, context),
    admin: written.admin ?? { host: '127.0.0.1', port: context.portBase + 90 },
    hosts: written.hosts ?? hostsOf(origin),
    trustedProxies: written.trustedProxies ?? [],
    tls: written.tls && compileTls(written.tls),
    mtls: { header: written.mtls?.header?.toLowerCase() },
    websockets: {
      max: written.websockets?.max ?? 10_000,
      pingMs: parseDuration(written.websockets?.ping ?? '30s'),
    },
    session: {
      idleMs: parseDuration(written.session?.idle ?? '2h'),
      absoluteMs: parseDuration(written.session?.absolute ?? '12h'),
      perAccount: written.session?.perAccount ?? 20,
      store: sessionStore(written.session?.store),
      scopes: written.session?.scopes ?? sessionScopes,
    },
    limits: compileGatewayLimits(written.limits ?? {}),
    overload: { lagMs: parseDuration(written.overload?.lag ?? '250ms') },
    introspection: written.introspection && compileIntrospection(written.introspection),
    internalIssuer: written.internalIssuer ?? `urn:gatehouse:${trustDomain}:internal`,
    internalTokenMs: parseDuration(written.internalToken ?? '60s'),
    internalTokenReuseMs: parseDuration(written.internalTokenReuse ?? '5s'),
    store: written.store ?? `sqlite:${join(context.dataDir, 'gateway.sqlite')}`,
    describe: written.describe ?? true,
    clientId: written.clientId ?? 'gateway',
  }
}

function sessionStore(written: string | undefined): string | undefined {
  return written === 'gateway.store' ? undefined : written
}

function compileInternalDoor(written: WrittenGateway, context: CompileContext): InternalDoorConfig {
  const { host, port, origin } = written.internal ?? { host: 'localhost', port: context.portBase + 443 }
  return { host, port, origin: originOf(origin ?? `https://localhost:${port}`) }
}

/** A browser on this machine may say localhost in three ways. */
export function hostsOf(origin: string): readonly string[] {
  const { host, hostname, port } = new URL(origin)
  if (hostname !== 'localhost') return [host]
  const suffix = port === '' ? '' : `:${port}`
  return [host, `127.0.0.1${suffix}`, `[::1]${suffix}`]
}

function compileTls({
  cert,
  key,
  http2,
  clientCertificates,
}: NonNullable<WrittenGateway['tls']>): PublicTlsConfig {
  return {
    certFile: cert,
    keyFile: key,
    http2: http2 ?? true,
    clientCertificates: clientCertificates ?? false,
  }
}
