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

type CaseId = 'plain' | 'mtls' | 'rotation' | 'new' | 'medium' | 'large'

/** Every comparison of the gateway. Where `secure` is not said it is plain if Gatehouse takes plain upstreams. */
const cases: readonly (Omit<GatewayCase, 'secure'> & { readonly id: CaseId; readonly secure?: boolean })[] = [
  {
    id: 'plain',
    title: 'One hot token, plain upstream',
    secure: false,
    tokens: 'hot',
    size: 300,
    contestants: everyone,
  },
  {
    id: 'mtls',
    title: 'One hot token, mTLS upstream',
    secure: true,
    tokens: 'hot',
    size: 300,
    contestants: everyone,
  },
  {
    id: 'rotation',
    title: '10,000 tokens in rotation',
    tokens: 'rotation',
    size: 300,
    contestants: [bareProxy, gatehouse],
  },
  {
    id: 'new',
    title: 'Every token new',
    tokens: 'new',
    size: 300,
    contestants: [bareProxy, haproxyEs, gatehouse],
  },
  {
    id: 'medium',
    title: 'One hot token, 10 kB',
    tokens: 'hot',
    size: 10_000,
    contestants: [bareProxy, nginx, gatehouse],
  },
  {
    id: 'large',
    title: 'One hot token, 100 kB',
    tokens: 'hot',
    size: 100_000,
    contestants: [bareProxy, nginx, gatehouse],
  },
]

/** Which target is the ratio of Gatehouse to whom in which case. */
const judged: readonly { readonly target: TargetId; readonly of: CaseId; readonly to: string }[] = [
  { target: 'hot.bare', of: 'plain', to: bareProxy.name },
  { target: 'hot.haproxy', of: 'plain', to: haproxyRs.name },
  { target: 'hot.tutorial', of: 'plain', to: tutorial.name },
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
  const plain = await cast.get(gatehouse, false)
  const secure = plain === undefined
  const results: SuiteResult[] = []
  for (const listed of cases) {
    if (listed.secure === false && secure)
      stage.progress.note(`skipped: ${listed.title}: Gatehouse takes none`)
    else if (stage.wants(listed.id)) {
      const of = { ...listed, secure: listed.secure ?? secure }
      const samples = await runCase(stage, cast, of)
      results.push(caseResult(of, samples))
      const both = { ...of, contestants: [bareProxy, gatehouse] }
      const isHot = of.id === (secure ? 'mtls' : 'plain')
      if (isHot && stage.wants('latency'))
        results.push(
          await runLatency(stage, cast, both, samples, { own: gatehouse.name, base: bareProxy.name }),
        )
      if (of.id === 'new' && stage.wants('memory')) results.push(await runMemory(stage, cast, of, gatehouse))
    }
  }
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
