import { systemClock } from '@gatehouse/kit/clock'
import type { Config } from '@gatehouse/kit/config/types'
import type { RunningPart } from '@gatehouse/kit/part'
import { createLogger } from '@gatehouse/kit/log'
import { MasterKey } from '@gatehouse/kit/secrets'
import { start } from '../../gateway/start.ts'
import { LogLines } from './log-lines.ts'
import { freePortBase } from './ports.ts'
import type { Platform } from './platform.ts'

/** Another gateway on the platform's data: the same sessions and keys, its own memory and ports. */
export interface SecondGateway {
  readonly part: RunningPart
  /** Origin of its public door. */
  readonly url: string
  readonly admin: string
  /** Origin of its internal door. */
  readonly internal: string
  logs(): readonly string[]
}

export async function startSecondGateway(
  t: { teardown(run: () => Promise<void>): unknown },
  platform: Platform,
): Promise<SecondGateway> {
  const base = await freePortBase()
  const { config, paths } = platform
  const { gateway } = config
  const listen = { host: 'localhost', port: base }
  const beside: Config = {
    ...config,
    gateway: {
      ...gateway,
      listen,
      hosts: [...gateway.hosts, `localhost:${base}`],
      internal: { host: 'localhost', port: base + 443, origin: `https://localhost:${base + 443}` },
      admin: { host: '127.0.0.1', port: base + 90 },
    },
  }
  const logs = new LogLines()
  const part = await start({
    config: beside,
    paths,
    clock: systemClock,
    log: createLogger({ name: 'gateway', destination: logs.destination('gateway') }),
    masterKey: MasterKey.fromFile(paths.masterKey),
    production: false,
  })
  t.teardown(() => part.stop())
  return {
    part,
    url: `http://localhost:${base}`,
    admin: part.urls['admin'] ?? '',
    internal: beside.gateway.internal.origin,
    logs: () => logs.of('gateway'),
  }
}
