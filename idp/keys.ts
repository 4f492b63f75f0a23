import type { Config } from '@gatehouse/kit/config/types'
import type { KeyPolicy } from '@gatehouse/kit/keys/schedule'

/** Clocks differ, and another process may go on signing for a moment. */
const skewMs = 60_000

/**
 * When the IdP's keys move on. A session lives longer than any token, and for as long an ID token is good as
 * `id_token_hint` (OpenID Connect RP-Initiated Logout section 2): its key has to verify until then.
 */
export function keyPolicy({ keys, idp }: Config): KeyPolicy {
  const { accessTokenMs, idTokenMs, sessionMs } = idp.ttl
  return { ...keys, retireMs: Math.max(accessTokenMs, idTokenMs, sessionMs) + skewMs }
}
