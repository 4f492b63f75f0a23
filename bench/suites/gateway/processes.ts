import { spawnSync } from 'node:child_process'
import { freePort } from '../../../test/harness/ports.ts'
import { connections } from '../../contestants/cast.ts'
import type { Cast } from '../../contestants/cast.ts'
import { gatewayConfiguration } from '../../contestants/gateway-configuration.ts'
import { requestText, writeRequests } from '../../load/requests.ts'
import { ratioText } from '../../report/format.ts'
import { reachedBy } from '../../report/rates.ts'
import { joined } from '../../report/result.ts'
import type { SuiteResult } from '../../report/result.ts'
import type { Child } from '../../run/child.ts'
import { House } from '../../run/house.ts'
import { ratios, spread } from '../../run/statistics.ts'
import type { Stage } from '../../run/stage.ts'
import { payloadPath } from '../../upstream/payload.ts'

const size = 300

interface Measured {
  readonly rate: number
  readonly cpuPerRequest: number
}

/** One gateway with a core of its own, and two that share both cores, and one port, with load and upstream. */
export async function runProcesses(stage: Stage, cast: Cast): Promise<SuiteResult> {
  const cores = [stage.cores.contestant, stage.cores.load].filter((core) => core !== undefined)
  if (cores.length < 2) {
    stage.progress.note('skipped: processes: fewer than two cores, or no taskset')
    return joined([])
  }
  const port = await freePort()
  const both = [await gateway(stage, cast, port, 1), await gateway(stage, cast, port, 2)]
  const alone = await gateway(stage, cast, await freePort(), 3)
  const helpers = [cast.upstream(false).child, stage.loadProcess]
  const doors = {
    one: { ...alone, children: [alone.child], on: cores.slice(1) },
    two: { ...(both[0] ?? alone), children: both.map(({ child }) => child), on: cores },
  }
  const measure = async (what: keyof typeof doors, round: number): Promise<Measured> => {
    const { on, ...door } = doors[what]
    stage.progress.step(`processes · ${round === 0 ? 'warm-up' : `round ${round}`} · ${what}`)
    for (const child of helpers) pin(child, on)
    // Of two each gets half of the connections.
    const seconds = round === 0 ? stage.pace.warmSeconds * door.children.length : stage.pace.roundSeconds
    return measured(stage, door, seconds).finally(() =>
      helpers.forEach((child) => pin(child, cores.slice(1))),
    )
  }
  await measure('one', 0)
  await measure('two', 0)
  const [one, two]: [Measured[], Measured[]] = [[], []]
  const { leastRounds, mostRounds } = stage.pace
  while (one.length < leastRounds || (one.length < mostRounds && Date.now() < stage.until)) {
    one.push(await measure('one', one.length + 1))
    two.push(await measure('two', one.length))
  }
  await Promise.all([alone, ...both].map(({ child }) => child.stop()))
  return result(one, two)
}

interface Door {
  readonly child: Child
  readonly port: number
  readonly requests: string
}

async function gateway(stage: Stage, cast: Cast, port: number, n: number): Promise<Door> {
  const house = await House.open(stage, `process-${n}`)
  const listen = `origin: 'http://localhost:${port}', listen: { host: 127.0.0.1, port: ${port}, reusePort: ${n < 3} }`
  const { origin: target } = cast.upstream(false)
  await house.configure(gatewayConfiguration({ issuer: stage.issuer.url, target, gateway: listen }))
  const { child } = await house.start('gateway', n < 3 ? 'any' : 'contestant')
  const [token = ''] = stage.tokens('hot', 'ES256', 1)
  const headers = { authorization: `Bearer ${token}` }
  const request = requestText({ path: payloadPath(size), host: `localhost:${port}`, headers })
  return { child, port, requests: writeRequests(`${stage.dir}/process-requests-${port}`, [request]) }
}

async function measured(
  stage: Stage,
  { port, requests, children }: Door & { readonly children: readonly Child[] },
  seconds: number,
): Promise<Measured> {
  const outcome = await stage.load({
    host: '127.0.0.1',
    port,
    requests,
    connections,
    first: 0,
    seconds,
    lead: stage.pace.leadSeconds,
    watch: { own: children.map(({ pid }) => pid), servants: [] },
    expect: { status: 200, body: stage.bodyFile(size) },
  })
  const wrong = Object.entries(outcome.faults).map(([fault, count]) => `${count} × ${fault}`)
  if (wrong.length > 0) throw new Error(`wrong answers: ${wrong.join(', ')}`)
  for (const child of children) child.truncateLog()
  return {
    rate: outcome.requests / outcome.seconds,
    cpuPerRequest: (outcome.use?.own ?? Number.NaN) / outcome.requests,
  }
}

function pin({ pid }: Child, cores: readonly number[]): void {
  const { status } = spawnSync('taskset', ['-acp', cores.join(','), String(pid)])
  if (status !== 0) throw new Error('taskset cannot move a process')
}

function result(one: readonly Measured[], two: readonly Measured[]): SuiteResult {
  const of = (what: keyof Measured) =>
    spread(
      ratios(
        two.map((round) => round[what]),
        one.map((round) => round[what]),
      ),
    )
  const [rate, cpu] = [of('rate'), of('cpuPerRequest')]
  const note = 'two processes on one port (reusePort), load and upstream on the same two cores'
  return {
    tables: [
      {
        title: 'Two gateways on two cores, which the load shares (one on a core of its own = 1)',
        columns: ['what', 'two : one (range)'],
        rows: [
          ['requests per second', ratioText(rate)],
          ['CPU per request', ratioText(cpu)],
        ],
        notes: [note],
      },
    ],
    plots: [],
    reached: [
      ...reachedBy('processes.rate', rate).map((reached) => ({ ...reached, note })),
      ...reachedBy('processes.cpu', cpu).map((reached) => ({ ...reached, note })),
    ],
    wrong: 0,
    data: { processes: { one, two } },
  }
}
