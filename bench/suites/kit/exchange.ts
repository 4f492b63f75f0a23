import { join } from 'node:path'
import { gatewayConfiguration } from '../../contestants/gateway-configuration.ts'
import { requestText, writeRequests } from '../../load/requests.ts'
import { reachedBy, wrongOf } from '../../report/rates.ts'
import type { SuiteResult } from '../../report/result.ts'
import { House } from '../../run/house.ts'
import { scope, upstreamName } from '../../run/names.ts'
import { runRounds } from '../../run/rounds.ts'
import type { Entry, Sample } from '../../run/rounds.ts'
import { Upstream } from '../../run/stage.ts'
import type { Stage } from '../../run/stage.ts'
import { spread } from '../../run/statistics.ts'

const callee = 'inventory'
const name = 'exchange at /token'
const form = 'application/x-www-form-urlencoded'

/** How many internal tokens a second the internal door hands out (RFC 8693), per core that the gateway uses. */
export async function runExchange(stage: Stage): Promise<SuiteResult> {
  const house = await House.open(stage, 'exchange')
  await house.configure(configuration(stage, 'https://localhost:1'))
  const upstream = await Upstream.start(stage, 'exchange-upstream', house.workload(upstreamName))
  await house.configure(configuration(stage, upstream.origin))
  const { child, urls } = await house.start('gateway')
  const requests = join(stage.dir, 'exchange-requests')
  const entry: Entry = {
    name,
    child,
    servants: [],
    prepare: async () => {
      const parent = await firstHopToken(stage, urls['public'] ?? '', upstream)
      writeRequests(requests, [exchangeRequest(urls['internal'] ?? '', parent)])
    },
    job: {
      host: '127.0.0.1',
      port: Number(new URL(urls['internal'] ?? '').port),
      tls: house.workload(upstreamName),
      requests,
      connections: 64,
      expect: { status: 200, contains: '"access_token":"ey' },
    },
  }
  const samples = await runRounds(stage, { name: 'exchange', entries: [entry] })
  return result(samples.get(name) ?? [])
}

function configuration(stage: Stage, target: string): string {
  return `${gatewayConfiguration({ issuer: stage.issuer.url, target })}
  ${callee}: { targets: ['https://localhost:1'], identity: ${callee} }
edges:
  - { from: ${upstreamName}, to: ${callee}, scopes: ['${scope}'] }
`
}

/** The token that a service got from the gateway, read off what arrived at the upstream. */
async function firstHopToken(stage: Stage, publicUrl: string, upstream: Upstream): Promise<string> {
  const [token = ''] = stage.tokens('exchange', 'ES256', 1)
  const response = await fetch(new URL('/api/300', publicUrl), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(5000),
  })
  await response.arrayBuffer()
  const found = /^authorization: Bearer (\S+)$/im.exec((await upstream.seen()).last)?.[1]
  if (found === undefined) throw new Error(`no internal token arrived at the upstream (${response.status})`)
  return found
}

function exchangeRequest(internalUrl: string, parent: string): string {
  const fields = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: parent,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    audience: callee,
  }
  return requestText({
    method: 'POST',
    path: '/token',
    host: new URL(internalUrl).host,
    headers: { 'content-type': form },
    body: new URLSearchParams(fields).toString(),
  })
}

function result(samples: readonly Sample[]): SuiteResult {
  const perCore = spread(samples.map((sample) => 1 / sample.cpuPerRequest))
  const rate = spread(samples.map((sample) => sample.rate))
  const wrong = samples.flatMap(({ outcome }) => Object.entries(outcome.faults))
  return {
    tables: [
      {
        title: 'Token exchange at the internal door, one parent token, mTLS',
        columns: ['what', 'median', 'range'],
        rows: [
          ['exchanges per second of CPU', perCore.median.toFixed(0), range(perCore)],
          ['exchanges per second', rate.median.toFixed(0), range(rate)],
        ],
        notes: wrong.map(([fault, count]) => `WRONG ANSWERS: ${count} × ${fault}`),
      },
    ],
    plots: [],
    reached: reachedBy('exchange', perCore).map((reached) => ({
      ...reached,
      note: 'per second of CPU that the gateway used',
    })),
    wrong: wrongOf(new Map([[name, samples]])),
    data: { exchange: samples },
  }
}

function range({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${low.toFixed(0)} – ${high.toFixed(0)}`
}
