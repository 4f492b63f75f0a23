import { Agent, buildConnector } from '@gatehouse/kit/http/undici'
import type { SiteConfig } from '@gatehouse/kit/config/types'

const connections = 64
const connectMs = 2_000

/**
 * Connections to a site. Its certificate is verified for the name of the target, whatever `Host` is sent along: undici
 * would take that for the name, and @fastify/http-proxy's own agent verifies nothing at all.
 */
export function siteAgent({ timeoutMs }: SiteConfig): Agent {
  const connect = buildConnector({ rejectUnauthorized: true, timeout: connectMs })
  return new Agent({
    connections,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: ({ servername: _fromHost, ...target }, callback) => connect(target, callback),
  })
}
