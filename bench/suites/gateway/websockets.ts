import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gatewayConfiguration } from '../../contestants/gateway-configuration.ts'
import type { SuiteResult } from '../../report/result.ts'
import { House } from '../../run/house.ts'
import { upstreamName } from '../../run/names.ts'
import type { Stage } from '../../run/stage.ts'
import { payloadPath } from '../../upstream/payload.ts'

const wanted = 1000
const fewWanted = 50
/** Opened before, so that what the first ones cost is not laid upon the others. */
const before = 20
const atOnce = 10
const settleMs = 2000
const waitMs = 10_000

interface Measured {
  readonly megabytes: number
  readonly seconds: number
}

/** Resident memory that idle WebSockets over mutual TLS cost the gateway, on shared connections and on their own. */
export async function runWebSockets(stage: Stage): Promise<SuiteResult> {
  const count = stage.pace.name === 'tiny' ? fewWanted : wanted
  const shared = await measured(stage, count, true)
  const alone = await measured(stage, count, false)
  return {
    tables: [
      {
        title: `${count} idle WebSockets over mutual TLS`,
        columns: ['', 'MB of the gateway', 's to open'],
        rows: [
          ['sharing connections (RFC 8441)', shared.megabytes.toFixed(0), shared.seconds.toFixed(1)],
          ['a connection for each', alone.megabytes.toFixed(0), alone.seconds.toFixed(1)],
        ],
        notes: [],
      },
    ],
    plots: [],
    reached: [{ target: 'websockets', value: shared.megabytes }],
    wrong: 0,
    data: { websockets: { count, shared, alone } },
  }
}

async function measured(stage: Stage, count: number, shares: boolean): Promise<Measured> {
  const name = shares ? 'websockets-shared' : 'websockets-alone'
  stage.progress.step(`${count} idle ${name}`)
  const house = await House.open(stage, name)
  await house.configure(gatewayConfiguration({ issuer: stage.issuer.url, target: 'https://localhost:1' }))
  const service = stage.node(
    `${name}-service`,
    'programs/websockets.ts',
    { tls: house.workload(upstreamName), shares },
    stage.cores.load,
  )
  const target = `https://localhost:${await stage.port(service)}`
  await house.configure(gatewayConfiguration({ issuer: stage.issuer.url, target, route: 'websocket: true' }))
  const { child, urls } = await house.start('gateway')
  const sockets: Socket[] = []
  try {
    const door = new URL(urls['public'] ?? '')
    const [token = ''] = stage.tokens('hot', 'ES256', 1)
    await openAll(door, token, before, sockets)
    await sleep(settleMs)
    const [megabytes, began] = [child.residentMb(), performance.now()]
    await openAll(door, token, count, sockets)
    const seconds = (performance.now() - began) / 1000
    await sleep(settleMs)
    return { megabytes: child.residentMb() - megabytes, seconds }
  } finally {
    for (const socket of sockets) socket.destroy()
    await Promise.all([child.stop(), service.stop()])
  }
}

async function openAll(door: URL, token: string, count: number, into: Socket[]): Promise<void> {
  for (let left = count; left > 0; left -= atOnce) {
    const some = Array.from({ length: Math.min(atOnce, left) }, () => open(door, token))
    into.push(...(await Promise.all(some)))
  }
}

async function open(door: URL, token: string): Promise<Socket> {
  const socket = connect(Number(door.port), '127.0.0.1')
  const lines = [
    `GET ${payloadPath(300)} HTTP/1.1`,
    `host: ${door.host}`,
    `authorization: Bearer ${token}`,
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const [answer]: unknown[] = await once(socket, 'data', { signal: AbortSignal.timeout(waitMs) })
  if (!String(answer).startsWith('HTTP/1.1 101 '))
    throw new Error(`no WebSocket: ${String(answer).slice(0, 300)}`)
  return socket
}
