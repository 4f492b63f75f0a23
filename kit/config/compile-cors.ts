import type { Static } from '../schema.ts'
import { parseDuration } from '../units.ts'
import { originOf } from './compile-context.ts'
import type { cors } from './schema-cors.ts'
import type { CorsConfig } from './types-cors.ts'

export function compileCors(written: Static<typeof cors>): CorsConfig {
  return {
    origins: written.origins.map(originOf),
    credentials: written.credentials ?? false,
    headers: lower(written.headers),
    expose: lower(written.expose),
    maxAgeMs: parseDuration(written.maxAge ?? '10m'),
  }
}

function lower(names: readonly string[] = []): readonly string[] {
  return names.map((name) => name.toLowerCase())
}
