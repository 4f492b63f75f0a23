import { systemClock } from '@gatehouse/kit/clock'
import { loadConfig } from '@gatehouse/kit/config/load'
import { dataPaths } from '@gatehouse/kit/paths'
import { prepareDataFolder } from '@gatehouse/kit/prepare'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { scope, trustDomain, upstreamName } from '../run/names.ts'
import { benchFile } from '../run/stage.ts'
import type { Stage } from '../run/stage.ts'
import type { Contestant, Running, Setting } from './contestant.ts'
import { freePortBase } from './program.ts'
import { gatewayData } from './upstreams.ts'

const Ready = Type.Object({ type: Type.Literal('ready'), urls: Type.Object({ public: Type.String() }) })

/** The whole gateway as `npm start` runs it: its own process, a configuration file, keys and certificates. */
export const gatehouse: Contestant = {
  name: 'Gatehouse',
  checks: 'ES256',
  start: startGateway,
}

async function startGateway(stage: Stage, setting: Setting): Promise<Running> {
  const name = setting.tls === undefined ? 'gatehouse' : 'gatehouse-tls'
  const portBase = await freePortBase()
  const dataDir = gatewayData(stage)
  const file = stage.file(`${name}.yaml`, configuration(stage, setting, stage.dir, name))
  const config = loadConfig({ file, dataDir, portBase, env: {} })
  await prepareDataFolder(dataPaths(dataDir), config, { production: false, clock: systemClock })
  const child = stage.spawn(
    name,
    process.execPath,
    [...stage.nodeFlags(name), benchFile('../gateway/main.ts')],
    stage.cores.contestant,
    {
      GATEHOUSE_DATA: dataDir,
      GATEHOUSE_CONFIG: file,
      GATEHOUSE_PORT_BASE: String(portBase),
    },
  )
  const message = await child.message()
  if (!Value.Check(Ready, message)) throw new Error(`the gateway did not start: ${JSON.stringify(message)}`)
  const url = new URL(Value.Parse(Ready, message).urls.public)
  return { child, host: '127.0.0.1', port: Number(url.port) }
}

/** Everything is on; only the limits are out of the load's reach. */
function configuration(stage: Stage, setting: Setting, dir: string, name: string): string {
  return `trustDomain: ${trustDomain}
issuer: ${stage.issuer.url}
gateway:
  store: 'sqlite:${dir}/${name}.sqlite'
  limits: { rate: 1000000/s, failedAuthRate: 1000000/s }
routes:
  - id: bench
    match: { path: '/api/:size', methods: [GET] }
    authn: [bearer]
    authz: { scopes: ['${scope}'] }
    token: { scopes: ['${scope}'] }
    limits: { rate: 1000000/s }
    upstream: ${upstreamName}
upstreams:
  ${upstreamName}: { targets: ['${setting.upstream.origin}'], identity: ${upstreamName} }
`
}
