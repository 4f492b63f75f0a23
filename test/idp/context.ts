import { systemClock } from '@gatehouse/kit/clock'
import type { PartContext } from '@gatehouse/kit/lifecycle'
import { createLogger } from '@gatehouse/kit/log'
import { MasterKey } from '@gatehouse/kit/secrets'
import type { Platform } from '../harness/index.ts'

/** What a part of this platform is given, for tests that build one from its pieces. */
export function contextOf(platform: Platform): PartContext {
  return {
    config: platform.config,
    paths: platform.paths,
    clock: systemClock,
    log: createLogger({ name: 'idp', level: 'silent' }),
    masterKey: MasterKey.fromFile(platform.paths.masterKey),
    production: false,
  }
}
