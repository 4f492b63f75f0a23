import { parseDuration } from '../units.ts'
import type { WrittenKeys } from './schema-keys.ts'
import type { KeysConfig } from './types.ts'

export function compileKeys(written: WrittenKeys): KeysConfig {
  return {
    rotateEveryMs: parseDuration(written.rotateEvery ?? '30d'),
    publishMs: parseDuration(written.publish ?? '10m'),
  }
}
