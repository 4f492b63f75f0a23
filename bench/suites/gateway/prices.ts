import { gatehouse, gatehouseVariant } from '../../contestants/gatehouse.ts'
import type { Cast } from '../../contestants/cast.ts'
import type { Contestant } from '../../contestants/contestant.ts'
import { percentText } from '../../report/format.ts'
import { ratesBars, rated, wrongOf } from '../../report/rates.ts'
import type { Rated } from '../../report/rates.ts'
import type { SuiteResult, Table } from '../../report/result.ts'
import { runRounds } from '../../run/rounds.ts'
import type { Entry } from '../../run/rounds.ts'
import type { Stage } from '../../run/stage.ts'
import type { Feature } from '../../without/features.ts'
import { entryFor } from './case.ts'
import { cases } from './cases.ts'

/** Started anew, as the others are: the one that other cases were measured with has run for longer. */
const whole = gatehouseVariant({ name: 'everything on' })
const own = whole.name
const contractFile = 'bench.openapi.json'
// Twelve gateways take their time.
const mostRoundSeconds = 0.4
const mtls = { before: 'plain upstream, as other cases left it', after: 'with mTLS to the upstream' }

const without = (feature: Feature): Contestant =>
  gatehouseVariant({ name: `without ${feature}`, without: feature })

const patchOff = 'breaker: off, ejection: off, retries: { attempts: 0 }'

/** The gateway with everything on but one thing, or with one thing more. */
const variants: readonly Contestant[] = [
  without('check cache'),
  gatehouseVariant({
    name: 'without internal token reuse',
    configuration: { gateway: 'internalTokenReuse: 0s' },
  }),
  gatehouseVariant({
    name: 'without authentication and token',
    configuration: { authenticates: false },
  }),
  without('rate limit'),
  gatehouseVariant({ name: 'without access log', env: { GATEHOUSE_LOG_LEVEL: 'warn' } }),
  without('metrics'),
  without('request header list'),
  without('response header list'),
  without('timeouts'),
  gatehouseVariant({ name: 'without breaker, ejection, retries', configuration: { upstream: patchOff } }),
  gatehouseVariant({ name: 'with a contract', configuration: { route: `contract: ${contractFile}` } }),
]

/** What each feature costs: CPU time for one request with it on, beside a gateway without it. */
export async function runPrices(stage: Stage, cast: Cast): Promise<SuiteResult> {
  stage.file(contractFile, contract())
  const entries: Entry[] = []
  for (const contestant of [whole, ...(stage.pace.name === 'tiny' ? variants.slice(0, 2) : variants)]) {
    const entry = await entryFor(stage, cast, cases.hot, contestant)
    if (entry !== undefined) entries.push(entry)
  }
  const plain = await entryFor(stage, cast, cases.hot, gatehouse)
  const secure = await entryFor(stage, cast, cases.mtls, gatehouse)
  if (plain !== undefined && secure !== undefined)
    entries.push({ ...plain, name: mtls.before }, { ...secure, name: mtls.after })
  const seconds = Math.min(mostRoundSeconds, stage.pace.roundSeconds)
  const samples = await runRounds(stage, { name: 'price of each feature', entries, side: true, seconds })
  const rows = rated(samples, own)
  const title = 'Price of each feature, one hot token, plain upstream'
  return {
    tables: [pricesTable(title, rows)],
    plots: [
      ratesBars('gateway-prices', title, `requests per second, ${own} with everything on = 1`, rows, own),
    ],
    reached: [],
    wrong: wrongOf(samples),
    data: { 'gateway.prices': rows },
  }
}

function pricesTable(title: string, rows: readonly Rated[]): Table {
  return {
    title,
    columns: ['gateway', 'requests per second', 'CPU per request', 'price', 'wrong'],
    rows: rows.map(({ name, ratio, cpuRatio, faults }) => [
      name,
      `× ${ratio.median.toFixed(2)}`,
      `× ${cpuRatio.toFixed(2)}`,
      priceOf(name, cpuRatio, rows),
      String(Object.values(faults).reduce((sum, count) => sum + count, 0)),
    ]),
    notes: [
      "price: CPU time of a request that goes into the feature, in per cent of the whole gateway's request",
    ],
  }
}

function priceOf(name: string, cpuRatio: number, rows: readonly Rated[]): string {
  if (name === own || name === mtls.before) return ''
  const before = name === mtls.after ? rows.find((row) => row.name === mtls.before)?.cpuRatio : 1
  const ratio = cpuRatio / (before ?? Number.NaN)
  return priceText(name.startsWith('with ') ? ratio - 1 : 1 - ratio)
}

/** A feature that makes requests cheaper has a negative price. */
function priceText(price: number): string {
  return price < 0 ? `saves ${percentText(-price)}` : percentText(price)
}

function contract(): string {
  const size = { name: 'size', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } }
  const get = { operationId: 'bench', parameters: [size], responses: { 200: { description: 'items' } } }
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'bench', version: '1' },
    paths: { '/api/{size}': { get } },
  })
}
