import type { Reached } from './report/result.ts'
import type { SuiteName } from './suites.ts'

interface Target {
  readonly name: string
  /** As the person who set it wrote it. */
  readonly target: string
  readonly met: (value: number) => boolean
}

const atLeast =
  (limit: number) =>
  (value: number): boolean =>
    value >= limit
const atMost =
  (limit: number) =>
  (value: number): boolean =>
    value <= limit
const above =
  (limit: number) =>
  (value: number): boolean =>
    value > limit
const below =
  (limit: number) =>
  (value: number): boolean =>
    value < limit

/** Every target that the project has set itself. A target with several conditions has a line for each. */
const targets = {
  'hot.bare': {
    name: 'whole gateway, hot tokens, plain upstream',
    target: '≥ 1.4 × bare http-proxy',
    met: atLeast(1.4),
  },
  'hot.haproxy': {
    name: 'whole gateway, hot tokens, plain upstream',
    target: '> 1 × HAProxy jwt_verify RS256',
    met: above(1),
  },
  'hot.tutorial': {
    name: 'whole gateway, hot tokens, plain upstream',
    target: '≥ 6 × tutorial stack',
    met: atLeast(6),
  },
  'mtls.bare': {
    name: 'whole gateway, hot tokens, mTLS upstream',
    target: '≥ 1.4 × bare over the same TLS',
    met: atLeast(1.4),
  },
  'rotation.bare': { name: '10,000 tokens in rotation', target: '≥ 1.25 × bare', met: atLeast(1.25) },
  'new.bare': { name: 'every token new', target: '≥ 0.5 × bare', met: atLeast(0.5) },
  'new.haproxy': { name: 'every token new', target: '> 1 × HAProxy jwt_verify ES256', met: above(1) },
  'session.sqlite': {
    name: 'session cookie instead of token, SQLite',
    target: '≥ 1.2 × bare',
    met: atLeast(1.2),
  },
  'session.valkey': {
    name: 'session cookie instead of token, Valkey',
    target: '≥ 0.9 × bare',
    met: atLeast(0.9),
  },
  'latency.p99': {
    name: 'p99 at 70 % of its own ceiling, fixed arrival rate',
    target: "≤ 1 × bare's at the same rate",
    met: atMost(1),
  },
  'processes.rate': {
    name: 'two processes on two cores, shared with the load',
    target: '≥ 1.45 × one',
    met: atLeast(1.45),
  },
  'processes.cpu': { name: 'two processes: CPU per request', target: "≤ 1 × one process's", met: atMost(1) },
  'memory.size': { name: 'memory under new tokens (MB)', target: '< 250 MB', met: below(250) },
  'memory.growth': {
    name: 'memory under new tokens, last third over middle third',
    target: 'flat (≤ 1.05)',
    met: atMost(1.05),
  },
  websockets: { name: '1,000 idle WebSockets over mTLS (MB)', target: '< 50 MB', met: below(50) },
  'idp.secret': {
    name: 'client credentials by secret, ES256 JWT, SQLite',
    target: '≥ 0.9 × bare oidc-provider in memory',
    met: atLeast(0.9),
  },
  'idp.jwt.sqlite': {
    name: 'by private_key_jwt, replay stored durably, SQLite',
    target: '≥ 0.8 × the same in memory',
    met: atLeast(0.8),
  },
  'idp.jwt.postgres': {
    name: 'by private_key_jwt, replay stored durably, PostgreSQL',
    target: '≥ 0.6 × the same in memory',
    met: atLeast(0.6),
  },
  'idp.refresh.sqlite': {
    name: 'refresh with rotation, SQLite',
    target: '≥ 0.6 × the same in memory',
    met: atLeast(0.6),
  },
  'idp.refresh.postgres': {
    name: 'refresh with rotation, PostgreSQL',
    target: '≥ 0.4 × the same in memory',
    met: atLeast(0.4),
  },
  'signin.rate': { name: 'password sign-in', target: '≥ 0.8 × bare argon2id hash rate', met: atLeast(0.8) },
  'signin.p99': { name: 'token p99 while people sign in', target: '≤ 2 × without', met: atMost(2) },
  'revocation.p99': {
    name: "revocation: IdP's answer to refusal at every gateway, p99 (ms)",
    target: '< 100 ms',
    met: below(100),
  },
  guard: { name: 'guard in a service, cached', target: '≥ 0.9 × the service without it', met: atLeast(0.9) },
  exchange: {
    name: 'exchange at the internal door (per second and core)',
    target: '≥ 5,000 /s',
    met: atLeast(5000),
  },
  'ready.all': { name: 'npm start to ready, all parts (s)', target: '< 3 s', met: below(3) },
  'ready.harness': { name: 'test harness to ready (s)', target: '< 1 s', met: below(1) },
  'ready.gateway': { name: 'gateway alone to ready (s)', target: '< 0.3 s', met: below(0.3) },
  growth: {
    name: 'cost as routes, sessions, revocations, accounts grow (worst cost per tenfold growth)',
    target: 'flat or logarithmic (≤ 1.3)',
    met: atMost(1.3),
  },
} as const satisfies Readonly<Record<string, Target>>

export type TargetId = keyof typeof targets

export const targetIds = Object.keys(targets).filter((id): id is TargetId => id in targets)

export interface TargetResult {
  readonly id: TargetId
  readonly name: string
  readonly target: string
  /** Null when it was not measured; then `note` says why. */
  readonly reached: number | null
  readonly met: boolean
  /** The lowest and the highest of the rounds. */
  readonly range?: readonly [number, number]
  readonly note?: string
}

const suiteOf: Readonly<Record<string, SuiteName>> = {
  session: 'sessions',
  idp: 'idp',
  signin: 'idp',
  revocation: 'revocation',
  guard: 'kit',
  exchange: 'kit',
  ready: 'start',
  growth: 'growth',
}

/** Where a target is measured: an id begins with its case, `idp.<case>` in the identity server's suite. */
export function placeOf(id: TargetId): { readonly suite: SuiteName; readonly case: string } {
  const [first = '', second = ''] = id.split('.')
  const suite = suiteOf[first] ?? 'gateway'
  return { suite, case: first === 'idp' || first === 'session' || first === 'ready' ? second : first }
}

/** Every target with what was reached; one that was not measured is not met. */
export function settle(
  reached: readonly Reached[],
  whyNot: (id: TargetId) => string,
): readonly TargetResult[] {
  const found = new Map(reached.map((entry) => [entry.target, entry]))
  return targetIds.map((id) => {
    const { name, target, met } = targets[id]
    const entry = found.get(id)
    if (entry === undefined) return { id, name, target, reached: null, met: false, note: whyNot(id) }
    const rounded = (n: number): number => Number(n.toPrecision(4))
    const value = rounded(entry.value)
    return {
      id,
      name,
      target,
      reached: value,
      met: met(value),
      ...(entry.range === undefined
        ? {}
        : { range: [rounded(entry.range[0]), rounded(entry.range[1])] as const }),
      ...(entry.note === undefined ? {} : { note: entry.note }),
    }
  })
}
