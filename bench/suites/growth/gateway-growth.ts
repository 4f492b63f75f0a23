import { parse } from 'yaml'
import { gatewayConfiguration } from '../../contestants/gateway-configuration.ts'
import { connections } from '../../contestants/cast.ts'
import { requestText, writeRequests } from '../../load/requests.ts'
import type { Child } from '../../run/child.ts'
import { House } from '../../run/house.ts'
import type { StartOptions } from '../../run/house.ts'
import { scope, upstreamName } from '../../run/names.ts'
import { runRounds } from '../../run/rounds.ts'
import type { Entry, Sample } from '../../run/rounds.ts'
import { Upstream } from '../../run/stage.ts'
import type { Stage } from '../../run/stage.ts'
import { payloadPath } from '../../upstream/payload.ts'
import { atItsBest } from './grown.ts'
import type { Grown } from './grown.ts'

const bodySize = 300

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
      // As whoever generates so many of them should write them.
      JSON.stringify(
        parse(plain(issuer, targets).replace('routes:\n', () => `routes:\n${moreRoutes(count)}`)),
      ),
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

interface Sized {
  readonly size: number
  readonly readySeconds: number
  readonly children: readonly Child[]
  readonly entry: Entry
}

/** Whole gateways with so many of them each, side by side: start, load with one hot token, memory. */
export async function gatewaysAt(
  stage: Stage,
  kind: GatewayKind,
  sizes: readonly number[],
): Promise<readonly Grown[]> {
  const sized: Sized[] = []
  for (const size of sizes) sized.push(await gatewayAt(stage, kind, size))
  const samples = await runRounds(stage, {
    name: `growth · ${kind.what}`,
    entries: sized.map(({ entry }) => entry),
    side: true,
  })
  await Promise.all(sized.flatMap(({ children }) => children).map((child) => child.stop()))
  return sized.map(({ size, readySeconds, entry }) =>
    grownOf(size, readySeconds, samples.get(entry.name) ?? []),
  )
}

function grownOf(size: number, readySeconds: number, samples: readonly Sample[]): Grown {
  const [wrong] = samples.flatMap(({ outcome }) => Object.keys(outcome.faults))
  if (wrong !== undefined) throw new Error(`${size}: wrong answers: ${wrong}`)
  return atItsBest(
    samples.map(({ cpuPerRequest, outcome, rate, residentMb }) => ({
      size,
      us: cpuPerRequest * 1e6,
      p99Us: outcome.latency.p99,
      perSecond: rate,
      megabytes: residentMb,
      readySeconds,
    })),
  )
}

async function gatewayAt(stage: Stage, kind: GatewayKind, count: number): Promise<Sized> {
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
  const request = requestText({ path: payloadPath(bodySize), host: `localhost:${port}`, headers })
  const job = {
    host: '127.0.0.1',
    port,
    requests: writeRequests(`${stage.dir}/${name}-requests`, [request]),
    connections,
    expect: { status: 200, body: stage.bodyFile(bodySize) },
  }
  const entry = { name: String(count), child, servants: [upstream.child], job }
  return { size: count, readySeconds, children: [child, upstream.child], entry }
}
