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
import { cases, judged, rivalsIn } from './gateway/cases.ts'
import { runLatency } from './gateway/latency.ts'
import { runMemory } from './gateway/memory.ts'
import { runPrices } from './gateway/prices.ts'
import { runProcesses } from './gateway/processes.ts'
import { runWebSockets } from './gateway/websockets.ts'
import { inTurn } from './in-turn.ts'
import type { Suite } from './suite.ts'

export const gatewaySuite: Suite = {
  name: 'gateway',
  about:
    'the whole gateway beside plain proxies, HAProxy with JWT checks and the tutorial stack; what each feature costs',
  cases: {
    hot: 80,
    latency: 24,
    mtls: 36,
    rotation: 16,
    new: 22,
    memory: 21,
    websockets: 20,
    processes: 28,
    prices: 50,
    medium: 7,
    large: 7,
  },
  run: runGateway,
}

async function runGateway(stage: Stage): Promise<Results> {
  const cast = new Cast(stage, await openUpstreams(stage))
  let hot: Samples | undefined
  const run = (id: keyof typeof cases): Promise<Samples> => runCase(stage, cast, cases[id], rivalsIn(id))
  const compared = async (id: keyof typeof cases): Promise<SuiteResult> =>
    caseResult(cases[id], await run(id))
  const both = { ...cases.hot, contestants: [bareProxy, gatehouse] }
  return inTurn(stage, {
    hot: async () => caseResult(cases.hot, (hot = await run('hot'))),
    latency: async () => {
      const ceilings = hot ?? (await runCase(stage, cast, both, []))
      return runLatency(stage, cast, both, ceilings, { own: gatehouse.name, base: bareProxy.name })
    },
    mtls: () => compared('mtls'),
    rotation: () => compared('rotation'),
    new: () => compared('new'),
    memory: () => runMemory(stage, cast, cases.new, gatehouse),
    websockets: () => runWebSockets(stage),
    processes: () => runProcesses(stage, cast),
    prices: () => runPrices(stage, cast),
    medium: () => compared('medium'),
    large: () => compared('large'),
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
