import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { millisecondsText, ratioText } from '../../report/format.ts'
import { reachedBy } from '../../report/rates.ts'
import type { Reached, SuiteResult, Table } from '../../report/result.ts'
import type { Child } from '../../run/child.ts'
import { secretRequest } from '../../run/oauth.ts'
import { writeRequests } from '../../load/requests.ts'
import type { Stage } from '../../run/stage.ts'
import { median, ratios, spread } from '../../run/statistics.ts'
import type { GatehouseServer } from './gatehouse-server.ts'

const Rate = Type.Object({ rate: Type.Number(), failed: Type.Optional(Type.Array(Type.String())) })
const concurrency = 4
const tokensPerSecond = 300

/** Password sign-ins beside bare password checks, and what they do to the token endpoint meanwhile. */
export async function runSignIn(stage: Stage, server: GatehouseServer): Promise<SuiteResult> {
  const hasher = stage.node('bare-argon2', 'programs/bare-argon2.ts', {}, stage.cores.contestant)
  const people = stage.node('sign-in', 'programs/sign-in.ts', {}, stage.cores.load)
  await Promise.all([stage.port(hasher), stage.port(people)])
  const ask = { issuer: server.issuer, ...server.person('bob'), concurrency }
  const { leastRounds, mostRounds, warmSeconds } = stage.pace
  // A hash is ten thousand times longer than a request.
  const seconds = stage.pace.roundSeconds * 2
  await rateOf(people, { ...ask, seconds: warmSeconds / 2 })
  const [bare, own, alone, beside]: [number[], number[], Latency[], Latency[]] = [[], [], [], []]
  while (own.length < leastRounds || (own.length < mostRounds && Date.now() < stage.until)) {
    stage.progress.step(`password sign-in · round ${own.length + 1}`)
    bare.push(await rateOf(hasher, { seconds, concurrency }))
    own.push(await rateOf(people, { ...ask, seconds }))
    alone.push(await tokenLatency(stage, server, seconds))
    const signingIn = rateOf(people, { ...ask, seconds: seconds + 0.5 })
    beside.push(await tokenLatency(stage, server, seconds))
    await signingIn
  }
  const rate = spread(ratios(own, bare))
  const reached: Reached[] = [
    ...reachedBy('signin.rate', rate),
    {
      target: 'signin.p99',
      value: p99(beside) / p99(alone),
      note: `one core for all, ${tokensPerSecond} tokens per second`,
    },
  ]
  return {
    tables: [signInTable(ratioText(rate), p99(alone), p99(beside))],
    plots: [],
    reached,
    wrong: 0,
    data: { signIn: { bare, own, alone, beside } },
  }
}

function p99(rounds: readonly Latency[]): number {
  return median(rounds.map((latency) => latency.p99))
}

function signInTable(rate: string, alone: number, beside: number): Table {
  return {
    title: 'Password sign-in',
    columns: ['what', 'figure'],
    rows: [
      ['whole sign-ins beside bare argon2id checks (= 1)', rate],
      ['token endpoint, p99, nobody signing in', millisecondsText(alone)],
      ['token endpoint, p99, sign-ins at full rate', millisecondsText(beside)],
    ],
    notes: [`${concurrency} people at a time; tokens at a fixed ${tokensPerSecond} per second`],
  }
}

interface Ask {
  readonly seconds: number
  readonly concurrency: number
  readonly issuer?: string
  readonly username?: string
  readonly password?: string
}

async function rateOf(child: Child, ask: Ask): Promise<number> {
  child.send(ask)
  const { rate, failed = [] } = Value.Parse(Rate, await child.message((ask.seconds + 30) * 1000))
  if (failed.length > 0) throw new Error(`sign-in failed: ${failed[0] ?? ''}`)
  return rate
}

type Latency = Awaited<ReturnType<Stage['load']>>['latency']

async function tokenLatency(stage: Stage, server: GatehouseServer, seconds: number): Promise<Latency> {
  const requests = writeRequests(`${stage.dir}/sign-in-tokens`, [secretRequest(server.token, server.secret)])
  const { latency, faults } = await stage.load({
    host: '127.0.0.1',
    port: server.port,
    requests,
    connections: 16,
    seconds,
    first: 0,
    rate: tokensPerSecond,
    expect: { status: 200, contains: '"access_token":"ey' },
  })
  const wrong = Object.entries(faults).map(([fault, count]) => `${count} × ${fault}`)
  if (wrong.length > 0) throw new Error(`wrong answers: ${wrong.join(', ')}`)
  return latency
}
