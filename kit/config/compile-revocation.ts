import { parseDuration } from '../units.ts'
import type { WrittenRevocation } from './schema-revocation.ts'
import type { RevocationConfig } from './types-revocation.ts'

/** The section on what is taken away, with its defaults. */
export function compileRevocation(written: WrittenRevocation): RevocationConfig {
  return {
    issuer: written.issuer ?? true,
    maxStalenessMs: parseDuration(written.maxStaleness ?? '60s'),
    transmitters: (written.transmitters ?? []).map(({ poll, push, ...rest }) => ({
      ...rest,
      poll,
      push: push ?? false,
    })),
  }
}
