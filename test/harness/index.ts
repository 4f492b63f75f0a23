import { usePlaces } from '../../cli/places.cjs'
import { CompileCache } from '../../cli/start/compile-cache.ts'
import type { Platform, PlatformOptions } from './platform.ts'

export { CookieJar } from './cookie-jar.ts'
export { eventually, until } from './eventually.ts'
export { isRecord, jwtParts, listField, textField } from './json.ts'
export type { Platform, PlatformOptions } from './platform.ts'
export type { Received } from './received.ts'
export { SessionClient } from './session.ts'

/**
 * Boots the real parts in this process, with data in a temporary folder and a clock that can be moved.
 * @throws StartError (ConfigError among them) as production would
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  // What `npm ci` has compiled and found need not be compiled and found again for each test file, so everything is loaded
  // after this.
  new CompileCache(process.env).use()
  usePlaces()
  const platform = await import('./platform.ts')
  return platform.startPlatform(options)
}
