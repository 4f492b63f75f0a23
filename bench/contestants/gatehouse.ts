import { House } from '../run/house.ts'
import type { Contestant } from './contestant.ts'
import { gatewayConfiguration } from './gateway-configuration.ts'

/** The whole gateway as `npm start` runs it: its own process, a configuration file, keys and certificates. */
export const gatehouse: Contestant = {
  name: 'Gatehouse',
  checks: 'ES256',
  async start(stage, setting) {
    const house = setting.tls === undefined ? await House.open(stage, 'gatehouse-plain') : setting.house
    await house.configure(gatewayConfiguration({ issuer: stage.issuer.url, target: setting.upstream.origin }))
    const { child, urls } = await house.start('gateway')
    return { child, host: '127.0.0.1', port: Number(new URL(urls['public'] ?? '').port) }
  },
}
