import { gatewayConfiguration } from '../../contestants/gateway-configuration.ts'
import { connections } from '../../contestants/cast.ts'
import { requestText, writeRequests } from '../../load/requests.ts'
import { House } from '../../run/house.ts'
import type { StartOptions } from '../../run/house.ts'
import { scope, upstreamName } from '../../run/names.ts'
import { Upstream } from '../../run/stage.ts'
import type { Stage } from '../../run/stage.ts'
import { payloadPath } from '../../upstream/payload.ts'
import type { Grown } from './grown.ts'

const size = 300

/** One kind of thing that a gateway can have many of. */
export interface GatewayKind {
  readonly id: string
  readonly what: string
  readonly sizes: readonly number[]
  configuration(issuer: string, targets: readonly string[], count: number): string
  /** How many targets the upstream is to have. */
  targets(count: number): number
  how(count: number): StartOptions
}

const plain = (issuer: string, [target = '']: readonly string[]): string =>
  gatewayConfiguration({ issuer, target })

export const gatewayKinds: readonly GatewayKind[] = [
  {
    id: 'routes',
    what: 'routes',
    sizes: [10, 100, 1_000, 10_000],
    configuration: (issuer, targets, count) =>
      plain(issuer, targets).replace('routes:\n', () => `routes:\n${moreRoutes(count)}`),
    targets: () => 1,
    how: () => ({}),
  },
  {
    id: 'targets',
    what: 'targets of an upstream',
    sizes: [1, 10, 100, 1_000],
    configuration: (issuer, targets) =>
      plain(issuer, targets).replace(/targets: \[[^\]]*\]/, () => `targets: ${JSON.stringify(targets)}`),
    targets: (count) => count,
    how: () => ({}),
  },
  {
    id: 'revocations',
    what: 'revocation entries',
    sizes: [0, 1_000, 100_000, 1_000_000],
    configuration: plain,
    targets: () => 1,
    how: (count) => ({
      imports: ['programs/without.ts'],
      env: {
        GATEHOUSE_BENCH_WITHOUT: 'empty revocation index',
        GATEHOUSE_BENCH_REVOCATIONS: String(count),
      },
    }),
  },
]

/** Siblings of the benched route, at each of which a request has to pass it by. */
function moreRoutes(count: number): string {
  const route = (n: number): string => `  - id: more-${n}
    match: { path: '/api/more-${n}/:id', methods: [GET] }
    authn: [bearer]
    authz: { scopes: ['${scope}'] }
    token: { scopes: ['${scope}'] }
    upstream: ${upstreamName}
`
  return Array.from({ length: count - 1 }, (_, n) => route(n)).join('')
}

/** A whole gateway with so many of them: start, load with one hot token, memory. */
export async function gatewayAt(stage: Stage, kind: GatewayKind, count: number): Promise<Grown> {
  stage.progress.step(`growth · ${count} ${kind.what}`)
  const name = `growth-${kind.id}-${count}`
  const house = await House.open(stage, name)
  const upstream = await Upstream.start(stage, `${name}-upstream`, undefined, kind.targets(count))
  const { issuer } = stage
  await house.configure(kind.configuration(issuer.url, upstream.origins, count))
  const started = performance.now()
  const { child, urls } = await house.start('gateway', 'contestant', kind.how(count))
  const readySeconds = (performance.now() - started) / 1000
  const port = Number(new URL(urls['public'] ?? '').port)
  const [token = ''] = stage.tokens('hot', 'ES256', 1)
  const headers = { authorization: `Bearer ${token}` }
  const request = requestText({ path: payloadPath(size), host: `localhost:${port}`, headers })
  const job = {
    host: '127.0.0.1',
    port,
    first: 0,
    requests: writeRequests(`${stage.dir}/${name}-requests`, [request]),
    connections,
    expect: { status: 200, body: stage.bodyFile(size) },
  }
  await stage.load({ ...job, seconds: stage.pace.warmSeconds })
  const before = child.cpuSeconds()
  const outcome = await stage.load({ ...job, seconds: stage.pace.roundSeconds })
  const cpu = child.cpuSeconds() - before
  const megabytes = child.residentMb()
  await Promise.all([child.stop(), upstream.child.stop()])
  const wrong = Object.keys(outcome.faults)
  if (wrong.length > 0) throw new Error(`${count} ${kind.what}: wrong answers: ${wrong.join(', ')}`)
  return {
    size: count,
    us: (cpu / outcome.requests) * 1e6,
    p99Us: outcome.latency.p99,
    perSecond: outcome.requests / outcome.seconds,
    megabytes,
    readySeconds,
  }
}
