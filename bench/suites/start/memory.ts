import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { composeConfig } from '../../../test/harness/config.ts'
import { requestText, writeRequests } from '../../load/requests.ts'
import type { Outcome } from '../../load/job.ts'
import type { SuiteResult } from '../../report/result.ts'
import { clientIds, secretRequest } from '../../run/oauth.ts'
import { scope } from '../../run/names.ts'
import type { Stage } from '../../run/stage.ts'
import { StartedHouse } from './started-house.ts'

const Credentials = Type.Object({
  clients: Type.Array(Type.Object({ client_id: Type.String(), client_secret: Type.String() })),
})
const Tokens = Type.Object({ access_token: Type.String() })
const settleMs = 1000
const connections = 32
const limits = 'limits: { rate: 1000000/s }'
const patch = `gateway: { ${limits} }\nroutes: [{ id: orders.list, ${limits} }]\n`

/** What each process takes when nothing happens, and while orders are read and tokens issued as fast as it goes. */
export async function runMemoryOfAll(stage: Stage): Promise<SuiteResult> {
  stage.progress.step('memory of each process')
  const configFile = stage.file('start-memory.yaml', composeConfig(patch))
  const house = await StartedHouse.start(stage, { dataDir: undefined, configFile })
  try {
    await sleep(settleMs)
    const idle = house.memory()
    const outcomes = await load(stage, house)
    const busy = house.memory()
    return result(idle, busy, outcomes)
  } finally {
    await house.stop()
  }
}

async function load(stage: Stage, { run, dataDir }: StartedHouse): Promise<readonly Outcome[]> {
  const text = readFileSync(join(dataDir, 'credentials.json'), 'utf8')
  const { clients } = Value.Parse(Credentials, JSON.parse(text))
  const secret = clients.find(({ client_id }) => client_id === clientIds.secret)?.client_secret ?? ''
  const issuer = new URL(run.idp.issuer)
  const endpoint = { host: issuer.host, path: '/oauth/token', issuer: run.idp.issuer }
  const token = await machineToken(`${run.idp.issuer}${endpoint.path}`, secret)
  const door = new URL(run.gateway.public)
  const headers = { authorization: `Bearer ${token}` }
  const orders = requestText({ path: '/api/orders', host: door.host, headers })
  const jobs = [
    { port: door.port, request: orders, contains: '' },
    { port: issuer.port, request: secretRequest(endpoint, secret), contains: '"access_token":"ey' },
  ]
  const outcomes: Outcome[] = []
  for (const { port, request, contains } of jobs) {
    const requests = writeRequests(join(stage.dir, `start-memory-${port}`), [request])
    const seconds = stage.pace.sideWarmSeconds
    const at = { host: '127.0.0.1', port: Number(port), first: 0, requests, connections, seconds }
    outcomes.push(await stage.load({ ...at, expect: { status: 200, contains } }))
  }
  return outcomes
}

async function machineToken(endpoint: string, secret: string): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientIds.secret}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    signal: AbortSignal.timeout(5000),
  })
  return Value.Parse(Tokens, await response.json()).access_token
}

type Memory = Readonly<Record<string, number>>

function result(idle: Memory, busy: Memory, outcomes: readonly Outcome[]): SuiteResult {
  const parts = Object.keys(idle)
  const megabytes = (value: number | undefined): string => (value ?? Number.NaN).toFixed(0)
  const wrong = outcomes.flatMap(({ faults }) => Object.entries(faults))
  return {
    tables: [
      {
        title: 'Memory of each process after npm start (MB resident)',
        columns: ['process', 'idle', 'after load'],
        rows: parts.map((part) => [part, megabytes(idle[part]), megabytes(busy[part])]),
        notes: [
          'load: orders read with one token, then tokens by client credentials, as fast as they are answered',
          ...wrong.map(([fault, count]) => `WRONG ANSWERS: ${count} × ${fault}`),
        ],
      },
    ],
    plots: [],
    reached: [],
    wrong: wrong.reduce((sum, [, count]) => sum + count, 0),
    data: { memory: { idle, busy } },
  }
}
