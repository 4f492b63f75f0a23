import { spawnSync } from 'node:child_process'
import { connections } from '../../contestants/cast.ts'
import type { Cast } from '../../contestants/cast.ts'
import { gatewayConfiguration } from '../../contestants/gateway-configuration.ts'
import { freePort } from '../../contestants/program.ts'
import { requestText, writeRequests } from '../../load/requests.ts'
import { ratioText } from '../../report/format.ts'
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
  const measure = async (what: string, at: typeof alone, children: readonly Child[]): Promise<Measured> => {
    stage.progress.step(`processes · ${what}`)
    return measured(stage, at, children)
  }
  const [one, two]: [Measured[], Measured[]] = [[], []]
  for (let round = 0; round <= stage.pace.rounds; round += 1) {
    const single = await measure(`round ${round} · one`, alone, [alone.child])
    for (const child of helpers) pin(child, cores)
    const double = await measure(
      `round ${round} · two`,
      both[0] ?? alone,
      both.map(({ child }) => child),
    )
    for (const child of helpers) pin(child, cores.slice(1))
    // The first is the warm-up.
    if (round === 0) continue
    one.push(single)
    two.push(double)
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
  { port, requests }: Door,
  children: readonly Child[],
): Promise<Measured> {
  const used = (): number => children.reduce((sum, child) => sum + child.cpuSeconds(), 0)
  const before = used()
  const outcome = await stage.load({
    host: '127.0.0.1',
    port,
    requests,
    connections,
    first: 0,
    // Both are fresh, and each gets half of the connections.
    seconds: stage.pace.roundSeconds * children.length,
    expect: { status: 200, body: stage.bodyFile(size) },
  })
  const wrong = Object.entries(outcome.faults).map(([fault, count]) => `${count} × ${fault}`)
  if (wrong.length > 0) throw new Error(`wrong answers: ${wrong.join(', ')}`)
  for (const child of children) child.truncateLog()
  return { rate: outcome.requests / outcome.seconds, cpuPerRequest: (used() - before) / outcome.requests }
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
      { target: 'processes.rate', value: rate.median, note },
      { target: 'processes.cpu', value: cpu.median, note },
    ],
    data: { processes: { one, two } },
  }
}
