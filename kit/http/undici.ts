import { createRequire } from 'node:module'
import { directly } from './direct-reads.ts'

/*
 * The parts of undici that open connections, 31 of its 110 modules. Its index loads fetch and WebSocket too, and with them
 * those that Node has built in: 70 ms of CPU at each start of each process. What is loaded here is not what undici documents;
 * its version is exact, and test/kit/undici.test.ts holds the two to be the same.
 */
const load = createRequire(import.meta.url)
const dispatcher: typeof import('undici').Dispatcher = load('undici/lib/dispatcher/dispatcher.js')
const api: Pick<import('undici').Dispatcher, 'request'> = load('undici/lib/api/index.js')
// `pool.request` and its like, as undici's own index does.
Object.assign(dispatcher.prototype, api)
const undiciPool: typeof import('undici').Pool = load('undici/lib/dispatcher/pool.js')
const undiciAgent: typeof import('undici').Agent = load('undici/lib/dispatcher/agent.js')
const undiciConnector: typeof import('undici').buildConnector = load('undici/lib/core/connect.js')

export type Connector = import('undici').buildConnector.connector
type ConnectOptions = import('undici').buildConnector.BuildOptions

/** undici's own, but for how its connections are read (direct-reads.ts): that of each `Pool` and `Agent` from here. */
export function buildConnector(options: ConnectOptions = {}): Connector {
  return directly((reads) => undiciConnector({ ...options, ...reads }))
}

export class Pool extends undiciPool {
  constructor(origin: string, options: import('undici').Pool.Options = {}) {
    super(origin, { ...options, connect: connectorOf(options) })
  }
}

export class Agent extends undiciAgent {
  constructor(options: import('undici').Agent.Options = {}) {
    super({ ...options, connect: connectorOf(options) })
  }
}

function connectorOf({ connect, connectTimeout }: import('undici').Client.Options): Connector {
  if (typeof connect === 'function') return connect
  return buildConnector({ ...(connectTimeout === undefined ? {} : { timeout: connectTimeout }), ...connect })
}
