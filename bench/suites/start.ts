import { join } from 'node:path'
import { gatewayConfiguration } from '../contestants/gateway-configuration.ts'
import { reachedBy } from '../report/rates.ts'
import type { Results, SuiteResult } from '../report/result.ts'
import { House } from '../run/house.ts'
import type { Stage } from '../run/stage.ts'
import { spread } from '../run/statistics.ts'
import type { Spread } from '../run/statistics.ts'
import type { TargetId } from '../targets.ts'
import { inTurn } from './in-turn.ts'
import { runMemoryOfAll } from './start/memory.ts'
import { StartedHouse } from './start/started-house.ts'
import type { Suite } from './suite.ts'

export const startSuite: Suite = {
  name: 'start',
  about:
    'from nothing to ready: npm start, the harness, the gateway alone; memory of each process, idle and under load',
  cases: { all: 10, again: 9, harness: 5, gateway: 3, memory: 9 },
  run: runStart,
}

const timesOf = { tiny: 1, quick: 2, full: 3, thorough: 9 } as const

interface Measured {
  readonly what: string
  readonly seconds: Spread
  readonly target: TargetId | undefined
}

async function runStart(stage: Stage): Promise<Results> {
  const times = timesOf[stage.pace.name]
  const measured: Measured[] = []
  const again = join(stage.dir, 'start-again')
  const attempts: readonly [string, string, TargetId | undefined, () => Promise<number>][] = [
    ['all', 'npm start, first start', 'ready.all', () => startAll(stage, undefined)],
    ['again', 'npm start, later start', undefined, () => startAll(stage, again)],
    ['harness', 'test harness, all parts in one process', 'ready.harness', () => startHarness(stage)],
    ['gateway', 'gateway alone', 'ready.gateway', await gatewayStarter(stage)],
  ]
  for (const [id, what, target, attempt] of attempts) {
    if (stage.begin(id).length === 0) continue
    // The first one fills the caches of the disk and of compiled code.
    if (stage.pace.name !== 'tiny') await repeated(stage, `${what}, once before it counts`, 1, attempt)
    const seconds = await repeated(stage, what, times, attempt)
    if (seconds !== undefined) measured.push({ what, seconds, target })
  }
  const memory = await inTurn(stage, { memory: () => runMemoryOfAll(stage) })
  return new Map([...(measured.length === 0 ? [] : ([['times', result(measured)]] as const)), ...memory])
}

async function repeated(
  stage: Stage,
  what: string,
  times: number,
  attempt: () => Promise<number>,
): Promise<Spread | undefined> {
  const seconds: number[] = []
  try {
    for (let n = 1; n <= times; n += 1) {
      stage.progress.step(`${what} · ${n}/${times}`)
      seconds.push(await attempt())
    }
  } catch (error) {
    stage.progress.note(`skipped: ${what}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return seconds.length === 0 ? undefined : spread(seconds)
}

/** `npm start` until it is ready, on no data or on what an earlier start left there. */
async function startAll(stage: Stage, keptDir: string | undefined): Promise<number> {
  const house = await StartedHouse.start(stage, { dataDir: keptDir })
  await house.stop()
  return house.seconds
}

async function startHarness(stage: Stage): Promise<number> {
  const started = performance.now()
  const child = stage.node('harness', 'programs/harness.ts', {}, undefined)
  await stage.port(child)
  const seconds = (performance.now() - started) / 1000
  await child.stop()
  return seconds
}

/** The gateway on a prepared data folder, from the start of its process until it says that it is ready. */
async function gatewayStarter(stage: Stage): Promise<() => Promise<number>> {
  const house = await House.open(stage, 'startup')
  await house.configure(gatewayConfiguration({ issuer: stage.issuer.url, target: 'https://localhost:1' }))
  return async () => {
    const started = performance.now()
    const { child } = await house.start('gateway', 'any')
    const seconds = (performance.now() - started) / 1000
    await child.stop()
    return seconds
  }
}

function text(seconds: number): string {
  return `${seconds.toFixed(2)} s`
}

function result(measured: readonly Measured[]): SuiteResult {
  return {
    tables: [
      {
        title: 'Start-up',
        columns: ['what', 'median', 'range'],
        rows: measured.map(({ what, seconds: { median, low, high } }) => [
          what,
          text(median),
          `${text(low)} – ${text(high)}`,
        ]),
        notes: ['from the start of the process to its being ready, not pinned to a core'],
      },
    ],
    plots: [],
    reached: measured.flatMap(({ target, seconds }) =>
      target === undefined ? [] : reachedBy(target, seconds),
    ),
    wrong: 0,
    data: { start: measured },
  }
}
