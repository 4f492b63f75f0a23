import { Pool } from 'undici'
import type { Settings } from './settings.ts'

/** The connection pool of both bare contestants: one connection for each that the load keeps open. */
export function poolOf(settings: Settings): Pool {
  return new Pool(settings.upstream, {
    connections: settings.connections,
    pipelining: 1,
    keepAliveTimeout: 60_000,
    ...(settings.tls === undefined ? {} : { connect: { ...settings.tls, servername: 'localhost' } }),
  })
}
