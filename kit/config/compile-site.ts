import { parseDuration } from '../units.ts'
import { originOf } from './compile-context.ts'
import type { WrittenSite } from './schema-site.ts'
import type { SiteConfig } from './types.ts'

/** A site with its defaults. That it has exactly one of `host` and `prefix`, a rule has seen to. */
export function compileSite(written: WrittenSite): SiteConfig {
  return {
    id: written.id,
    at: written.host === undefined ? { prefix: written.prefix ?? '/' } : { host: written.host },
    target: originOf(written.target),
    timeoutMs: parseDuration(written.timeout ?? '30s'),
    headers: {
      request: (written.headers?.request ?? []).map((name) => name.toLowerCase()),
      response: (written.headers?.response ?? []).map((name) => name.toLowerCase()),
    },
  }
}
