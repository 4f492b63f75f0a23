import { parseDuration } from '../units.ts'
import type { WrittenIntrospection } from './schema-introspection.ts'
import type { IntrospectionConfig } from './types-introspection.ts'

export function compileIntrospection(written: WrittenIntrospection): IntrospectionConfig {
  const { endpoint: url, issuer, clientId, clientSecret } = written
  // A rule sees to it that a URL comes with all of them.
  const isForeign = issuer !== undefined && clientId !== undefined && clientSecret !== undefined
  return {
    foreign: isForeign ? { url, issuer, clientId, clientSecret } : undefined,
    timeoutMs: parseDuration(written.timeout ?? '2s'),
    cacheMs: parseDuration(written.cache ?? '10s'),
  }
}
