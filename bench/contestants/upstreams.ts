import { House } from '../run/house.ts'
import { upstreamName } from '../run/names.ts'
import { Upstream } from '../run/stage.ts'
import type { Stage } from '../run/stage.ts'
import type { Upstreams } from './cast.ts'
import { gatewayConfiguration } from './gateway-configuration.ts'

/** One upstream that speaks plain HTTP and one that speaks mutual TLS with certificates of a house. */
export async function openUpstreams(stage: Stage): Promise<Upstreams> {
  const house = await House.open(stage, 'gatehouse')
  await house.configure(gatewayConfiguration({ issuer: stage.issuer.url, target: 'https://localhost:1' }))
  return {
    house,
    plain: await Upstream.start(stage, 'upstream', undefined),
    secure: await Upstream.start(stage, 'upstream-tls', house.workload(upstreamName)),
    clientTls: house.workload('gateway'),
  }
}
