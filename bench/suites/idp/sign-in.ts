import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { millisecondsText, ratioText } from '../../report/format.ts'
import { reachedBy } from '../../report/rates.ts'
import type { Reached, SuiteResult, Table } from '../../report/result.ts'
import type { Child } from '../../run/child.ts'
import { secretRequest } from '../../run/oauth.ts'
import type { Outcome } from '../../load/job.ts'
import { writeRequests } from '../../load/requests.ts'
import type { Stage } from '../../run/stage.ts'
import { median, ratios, spread } from '../../run/statistics.ts'
import type { Spread } from '../../run/statistics.ts'
import type { GatehouseServer } from './gatehouse-server.ts'
import type { Application } from './person.ts'

const Rate = Type.Object({ rate: Type.Number(), failed: Type.Optional(Type.Array(Type.String())) })
const peopleAtOnce = 4
/** Of the hash, as many at once as it has cores: with more of them each is slower by what they do to the caches. */
const hashesAtOnce = 1
const tokensPerSecond = 300

/** Password sign-ins beside bare password checks, and what they do to the token endpoint meanwhile. */
export async function runSignIn(stage: Stage, server: GatehouseServer): Promise<SuiteResult> {
  const hasher = stage.node('bare-argon2', 'programs/bare-argon2.ts', {}, stage.cores.contestant)
  const people = stage.node('sign-in', 'programs/sign-in.ts', {}, stage.cores.load)
  // They only make work: the latency is the server's, not that of a load process which finds its core taken.
  const polite = stage.node('sign-in-beside', 'programs/sign-in.ts', {}, stage.cores.load, { givesWay: true })
  await Promise.all([stage.port(hasher), stage.port(people), stage.port(polite)])
  const { issuer, web: application } = server
  const ask = { issuer, application, ...server.person('bob'), concurrency: peopleAtOnce }
  const { leastRounds, mostRounds, warmSeconds } = stage.pace
  // A hash is ten thousand times longer than a request.
  const seconds = stage.pace.roundSeconds * 2
  await rateOf(people, { ...ask, seconds: warmSeconds })
  // Seconds of so few tokens as are measured warm nothing.
  await tokenLatency(stage, server, { seconds: warmSeconds / 2 })
  const [bare, own, alone, beside]: [number[], number[], Latency[], Latency[]] = [[], [], [], []]
  const meanwhile: number[] = []
  while (own.length < leastRounds || (own.length < mostRounds && Date.now() < stage.until)) {
    stage.progress.step(`password sign-in · round ${own.length + 1}`)
    bare.push(await rateOf(hasher, { seconds, concurrency: hashesAtOnce }))
    own.push(await rateOf(people, { ...ask, seconds }))
    alone.push(await tokenLatency(stage, server, { seconds, rate: tokensPerSecond }))
    const signingIn = rateOf(polite, { ...ask, seconds: seconds + 0.5 })
    beside.push(await tokenLatency(stage, server, { seconds, rate: tokensPerSecond }))
    meanwhile.push(await signingIn)
  }
  const rate = spread(ratios(own, bare))
  const p99 = spread(ratios(beside.map(p99Of), alone.map(p99Of)))
  const note = `one core for all, ${tokensPerSecond} tokens and ${Math.round(median(meanwhile))} sign-ins per second`
  const reached: Reached[] = [
    ...reachedBy('signin.rate', rate),
    ...reachedBy('signin.p99', p99).map((one) => ({ ...one, note })),
  ]
  return {
    tables: [rateTable(rate, p99), latencyTable(alone, beside, note)],
    plots: [],
    reached,
    wrong: 0,
    data: { signIn: { bare, own, meanwhile, alone, beside } },
  }
}

function p99Of({ p99 }: Latency): number {
  return p99
}

function rateTable(rate: Spread, p99: Spread): Table {
  return {
    title: 'Password sign-in',
    columns: ['what', 'ratio'],
    rows: [
      ['whole sign-ins beside bare argon2id checks (= 1)', ratioText(rate)],
      ['p99 of the token endpoint meanwhile, beside without (= 1)', ratioText(p99)],
    ],
    notes: [`${peopleAtOnce} people at a time, from the authorization request to the code`],
  }
}

function latencyTable(alone: readonly Latency[], beside: readonly Latency[], note: string): Table {
  const columns = ['p50', 'p90', 'p99', 'max', 'late'] as const
  const row = (name: string, rounds: readonly Latency[]): readonly string[] => [
    name,
    ...columns.map((column) => millisecondsText(median(rounds.map((latency) => latency[column])))),
  ]
  return {
    title: 'Token endpoint',
    columns: ['what', ...columns],
    rows: [row('nobody signs in', alone), row('people sign in', beside)],
    notes: [note, 'medians of the rounds; late: p99 of how late the load process itself was'],
  }
}

interface Ask {
  readonly seconds: number
  readonly concurrency: number
  readonly issuer?: string
  readonly application?: Application
  readonly username?: string
  readonly password?: string
}

async function rateOf(child: Child, ask: Ask): Promise<number> {
  child.send(ask)
  const { rate, failed = [] } = Value.Parse(Rate, await child.message((ask.seconds + 30) * 1000))
  if (failed.length > 0) throw new Error(`sign-in failed: ${failed[0] ?? ''}`)
  return rate
}

type Latency = Outcome['latency'] & { readonly late: number }

interface Load {
  readonly seconds: number
  /** Absent: as fast as it goes. */
  readonly rate?: number
}

async function tokenLatency(stage: Stage, server: GatehouseServer, load: Load): Promise<Latency> {
  const requests = writeRequests(`${stage.dir}/sign-in-tokens`, [secretRequest(server.token, server.secret)])
  const { latency, late, faults } = await stage.load({
    host: '127.0.0.1',
    port: server.port,
    requests,
    connections: 16,
    first: 0,
    ...load,
    expect: { status: 200, contains: '"access_token":"ey' },
  })
  const wrong = Object.entries(faults).map(([fault, count]) => `${count} × ${fault}`)
  if (wrong.length > 0) throw new Error(`wrong answers: ${wrong.join(', ')}`)
  return { ...latency, late }
}
