import { join } from 'node:path'
import { Upstream } from '../run/stage.ts'
import type { Stage } from '../run/stage.ts'
import { makeTrust } from '../run/trust.ts'
import type { Upstreams } from './cast.ts'

/** The data folder of the gateway that is measured; its certificates are those of the secure upstream too. */
export function gatewayData(stage: Stage): string {
  return join(stage.dir, 'data')
}

export async function openUpstreams(stage: Stage): Promise<Upstreams> {
  const trust = await makeTrust(gatewayData(stage))
  return {
    plain: await Upstream.start(stage, 'upstream', undefined),
    secure: await Upstream.start(stage, 'upstream-tls', trust.upstream),
    clientTls: trust.gateway,
  }
}
