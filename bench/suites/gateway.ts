import { bareProxy } from '../contestants/bare-proxy.ts'
import { Cast } from '../contestants/cast.ts'
import { gatehouse } from '../contestants/gatehouse.ts'
import { openUpstreams } from '../contestants/upstreams.ts'
import { ratesBars, ratesTable, ratioOf, rated, reachedBy, wrongOf } from '../report/rates.ts'
import type { Samples } from '../report/rates.ts'
import type { Results, SuiteResult } from '../report/result.ts'
import type { Stage } from '../run/stage.ts'
import { runCase } from './gateway/case.ts'
import type { GatewayCase } from './gateway/case.ts'
import { cases, judged } from './gateway/cases.ts'
import { runLatency } from './gateway/latency.ts'
import { runMemory } from './gateway/memory.ts'
import { runPrices } from './gateway/prices.ts'
import { runProcesses } from './gateway/processes.ts'
import { inTurn } from './in-turn.ts'
import type { Suite } from './suite.ts'

export const gatewaySuite: Suite = {
  name: 'gateway',
  about:
    'the whole gateway beside plain proxies, HAProxy with JWT checks and the tutorial stack; what each feature costs',
  cases: {
    hot: 66,
    latency: 20,
    mtls: 36,
    rotation: 18,
    new: 26,
    memory: 21,
    processes: 22,
    prices: 66,
    medium: 9,
    large: 9,
  },
  run: runGateway,
}

async function runGateway(stage: Stage): Promise<Results> {
  const cast = new Cast(stage, await openUpstreams(stage))
  let hot: Samples | undefined
  const compared = async (of: GatewayCase): Promise<SuiteResult> =>
    caseResult(of, await runCase(stage, cast, of))
  const both = { ...cases.hot, contestants: [bareProxy, gatehouse] }
  return inTurn(stage, {
    hot: async () => caseResult(cases.hot, (hot = await runCase(stage, cast, cases.hot))),
    latency: async () => {
      const ceilings = hot ?? (await runCase(stage, cast, both))
      return runLatency(stage, cast, both, ceilings, { own: gatehouse.name, base: bareProxy.name })
    },
    mtls: () => compared(cases.mtls),
    rotation: () => compared(cases.rotation),
    new: () => compared(cases.new),
    memory: () => runMemory(stage, cast, cases.new, gatehouse),
    processes: () => runProcesses(stage, cast),
    prices: () => runPrices(stage, cast),
    medium: () => compared(cases.medium),
    large: () => compared(cases.large),
  })
}

function caseResult(of: GatewayCase, samples: Samples): SuiteResult {
  const rows = rated(samples, bareProxy.name)
  const unit = 'requests per second, bare http-proxy = 1'
  return {
    tables: [ratesTable(`${of.title} (bare http-proxy = 1)`, rows)],
    plots: [ratesBars(`gateway-${of.id}`, of.title, unit, rows, gatehouse.name)],
    reached: judged
      .filter((one) => one.of === of.id)
      .flatMap(({ target, to }) => reachedBy(target, ratioOf(samples, gatehouse.name, to))),
    wrong: wrongOf(samples),
    data: { [`gateway.${of.id}`]: rows },
  }
}
