import { bareProxy } from '../contestants/bare-proxy.ts'
import { Cast } from '../contestants/cast.ts'
import { gatehouse } from '../contestants/gatehouse.ts'
import { openUpstreams } from '../contestants/upstreams.ts'
import { ratesBars, ratesTable, ratioOf, rated } from '../report/rates.ts'
import type { Samples } from '../report/rates.ts'
import { joined } from '../report/result.ts'
import type { Reached, SuiteResult } from '../report/result.ts'
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
  cases: ['hot', 'latency', 'mtls', 'new', 'rotation', 'memory', 'processes', 'prices', 'medium', 'large'],
  run: runGateway,
}

async function runGateway(stage: Stage): Promise<SuiteResult> {
  const cast = new Cast(stage, await openUpstreams(stage))
  let hot: Samples | undefined
  const compared = async (of: GatewayCase): Promise<SuiteResult> =>
    caseResult(of, await runCase(stage, cast, of))
  const both = { ...cases.hot, contestants: [bareProxy, gatehouse] }
  const results = await inTurn(stage, {
    hot: async () => caseResult(cases.hot, (hot = await runCase(stage, cast, cases.hot))),
    latency: async () => {
      const ceilings = hot ?? (await runCase(stage, cast, both))
      return runLatency(stage, cast, both, ceilings, { own: gatehouse.name, base: bareProxy.name })
    },
    mtls: () => compared(cases.mtls),
    new: () => compared(cases.new),
    rotation: () => compared(cases.rotation),
    memory: () => runMemory(stage, cast, cases.new, gatehouse),
    processes: () => runProcesses(stage, cast),
    prices: () => runPrices(stage, cast),
    medium: () => compared(cases.medium),
    large: () => compared(cases.large),
  })
  return joined(results)
}

function caseResult(of: GatewayCase, samples: Samples): SuiteResult {
  const rows = rated(samples, bareProxy.name)
  const unit = 'requests per second, bare http-proxy = 1'
  return {
    tables: [ratesTable(`${of.title} (bare http-proxy = 1)`, rows)],
    plots: [ratesBars(`gateway-${of.id}`, of.title, unit, rows, gatehouse.name)],
    reached: judged
      .filter((one) => one.of === of.id)
      .flatMap(({ target, to }): Reached[] => {
        const ratio = ratioOf(samples, gatehouse.name, to)
        return ratio === undefined ? [] : [{ target, value: ratio.median }]
      }),
    data: { [`gateway.${of.id}`]: rows },
  }
}
