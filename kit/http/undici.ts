import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)
const dispatcher: typeof import('undici').Dispatcher = load('undici/lib/dispatcher/dispatcher.js')
const api: Pick<import('undici').Dispatcher, 'request'> = load('undici/lib/api/index.js')
// `pool.request` and its like, as undici's own index does.
Object.assign(dispatcher.prototype, api)

/*
 * The parts of undici that open connections, 31 of its 110 modules. Its index loads fetch and WebSocket too, and with them
 * those that Node has built in: 70 ms of CPU at each start of each process. What is loaded here is not what undici documents;
 * its version is exact, and test/kit/undici.test.ts holds the two to be the same.
 */
export const Pool: typeof import('undici').Pool = load('undici/lib/dispatcher/pool.js')
export const Agent: typeof import('undici').Agent = load('undici/lib/dispatcher/agent.js')
export const buildConnector: typeof import('undici').buildConnector = load('undici/lib/core/connect.js')

export type Pool = import('undici').Pool
export type Agent = import('undici').Agent
export type Connector = import('undici').buildConnector.connector
