import type { Config } from '@gatehouse/kit/config/types'
import { KeyKeeper } from '@gatehouse/kit/keys/keeper'
import type { KeyPolicy } from '@gatehouse/kit/keys/schedule'
import type { GatewayDeps } from './deps.ts'

/** Clocks differ, and another gateway may go on signing for a moment. */
const skewMs = 60_000

/** When the keys of internal tokens move on. */
export function keyPolicy({ keys, gateway }: Config): KeyPolicy {
  return { ...keys, retireMs: gateway.internalTokenMs + skewMs }
}

/** Turns the ring on time from now on. */
export function keepKeys({ ctx, ring }: GatewayDeps, opened: AsyncDisposableStack): void {
  const { clock, config, log } = ctx
  const keeper = new KeyKeeper({ ring, policy: keyPolicy(config), clock, log })
  opened.adopt(keeper.start(), (it) => it.stop())
}
