import { House } from '../run/house.ts'
import type { Feature } from '../without/features.ts'
import type { Contestant } from './contestant.ts'
import { gatewayConfiguration } from './gateway-configuration.ts'
import type { GatewayOptions } from './gateway-configuration.ts'

/** How a gateway differs from the one with everything on. */
export interface Variant {
  readonly name: string
  readonly configuration?: Omit<GatewayOptions, 'issuer' | 'target'>
  readonly without?: Feature
  readonly env?: Readonly<Record<string, string>>
}

/** The whole gateway as `npm start` runs it: its own process, a configuration file, keys and certificates. */
export const gatehouse = gatehouseVariant({ name: 'Gatehouse' })

export function gatehouseVariant({ name, configuration = {}, without, env = {} }: Variant): Contestant {
  return {
    name,
    checks: configuration.authenticates === false ? undefined : 'ES256',
    async start(stage, setting) {
      const folder = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
      const house = setting.tls === undefined ? await House.open(stage, `${folder}-plain`) : setting.house
      const { url: issuer } = stage.issuer
      await house.configure(
        gatewayConfiguration({ issuer, target: setting.upstream.origin, ...configuration }),
      )
      const how =
        without === undefined
          ? { env }
          : { env: { ...env, GATEHOUSE_BENCH_WITHOUT: without }, imports: ['programs/without.ts'] }
      const { child, urls } = await house.start('gateway', 'contestant', how)
      return { child, host: '127.0.0.1', port: Number(new URL(urls['public'] ?? '').port) }
    },
  }
}
