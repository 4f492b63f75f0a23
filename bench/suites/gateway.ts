import { bareDispatch } from '../contestants/bare-dispatch.ts'
import { bareProxy } from '../contestants/bare-proxy.ts'
import { Cast } from '../contestants/cast.ts'
import { gatehouse } from '../contestants/gatehouse.ts'
import { haproxy } from '../contestants/haproxy.ts'
import { nginx } from '../contestants/nginx.ts'
import { openUpstreams } from '../contestants/upstreams.ts'
import { tutorial } from '../contestants/tutorial.ts'
import { ratesBars, ratesTable, ratioOf, rated } from '../report/rates.ts'
import type { Samples } from '../report/rates.ts'
import { joined } from '../report/result.ts'
import type { Reached, SuiteResult } from '../report/result.ts'
import type { Stage } from '../run/stage.ts'
import type { TargetId } from '../targets.ts'
import { runCase } from './gateway/case.ts'
import type { GatewayCase } from './gateway/case.ts'
import { runLatency } from './gateway/latency.ts'
import { runMemory } from './gateway/memory.ts'
import type { Suite } from './suite.ts'

const [haproxyRs, haproxyEs] = [haproxy('RS256'), haproxy('ES256')]
const everyone = [bareProxy, bareDispatch, nginx, haproxyRs, haproxyEs, tutorial, gatehouse]
const nodeOnly = [bareProxy, bareDispatch, gatehouse]

/** Every comparison of the gateway. */
const cases = {
  hot: {
    id: 'hot',
    title: 'One hot token, 0.3 kB',
    secure: false,
    tokens: 'hot',
    size: 300,
    contestants: everyone,
  },
  mtls: {
    id: 'mtls',
    title: 'One hot token, 0.3 kB, mTLS upstream',
    secure: true,
    tokens: 'hot',
    size: 300,
    contestants: nodeOnly,
  },
  rotation: {
    id: 'rotation',
    title: '10,000 tokens in rotation',
    secure: false,
    tokens: 'rotation',
    size: 300,
    contestants: [bareProxy, gatehouse],
  },
  new: {
    id: 'new',
    title: 'Every token new',
    secure: false,
    tokens: 'new',
    size: 300,
    contestants: [bareProxy, haproxyEs, gatehouse],
  },
  medium: {
    id: 'medium',
    title: 'One hot token, 10 kB',
    secure: false,
    tokens: 'hot',
    size: 10_000,
    contestants: [bareProxy, nginx, gatehouse],
  },
  large: {
    id: 'large',
    title: 'One hot token, 100 kB',
    secure: false,
    tokens: 'hot',
    size: 100_000,
    contestants: [bareProxy, nginx, gatehouse],
  },
} as const satisfies Record<string, GatewayCase>
type CaseId = keyof typeof cases

/** Which target is the ratio of Gatehouse to whom in which case. */
const judged: readonly { readonly target: TargetId; readonly of: CaseId; readonly to: string }[] = [
  { target: 'hot.bare', of: 'hot', to: bareProxy.name },
  { target: 'hot.haproxy', of: 'hot', to: haproxyRs.name },
  { target: 'hot.tutorial', of: 'hot', to: tutorial.name },
  { target: 'mtls.bare', of: 'mtls', to: bareProxy.name },
  { target: 'rotation.bare', of: 'rotation', to: bareProxy.name },
  { target: 'new.bare', of: 'new', to: bareProxy.name },
  { target: 'new.haproxy', of: 'new', to: haproxyEs.name },
]

export const gatewaySuite: Suite = {
  name: 'gateway',
  about: 'the whole gateway beside plain proxies, HAProxy with JWT checks and the tutorial stack',
  run: runGateway,
}

async function runGateway(stage: Stage): Promise<SuiteResult> {
  const cast = new Cast(stage, await openUpstreams(stage))
  const results: SuiteResult[] = []
  const measured = new Map<CaseId, Samples>()
  for (const of of Object.values(cases)) {
    if (stage.late(of.title)) continue
    const samples = await runCase(stage, cast, of)
    measured.set(of.id, samples)
    results.push(caseResult(of, samples))
    if (of.id === 'hot' && !stage.late('latency'))
      results.push(
        await runLatency(stage, cast, { ...of, contestants: [bareProxy, gatehouse] }, samples, {
          own: gatehouse.name,
          base: bareProxy.name,
        }),
      )
  }
  if (!stage.late('memory')) results.push(await runMemory(stage, cast, cases.new, gatehouse))
  return joined(results)
}

function caseResult(of: GatewayCase & { readonly id: CaseId }, samples: Samples): SuiteResult {
  const rows = rated(samples, bareProxy.name)
  return {
    tables: [ratesTable(`${of.title} (bare http-proxy = 1)`, rows)],
    plots: [
      ratesBars(
        `gateway-${of.id}`,
        of.title,
        'requests per second, bare http-proxy = 1',
        rows,
        gatehouse.name,
      ),
    ],
    reached: judged
      .filter((one) => one.of === of.id)
      .flatMap(({ target, to }): Reached[] => {
        const ratio = ratioOf(samples, gatehouse.name, to)
        return ratio === undefined ? [] : [{ target, value: ratio.median }]
      }),
    data: { [`gateway.${of.id}`]: rows },
  }
}
