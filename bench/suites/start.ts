import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { gatewayConfiguration } from '../contestants/gateway-configuration.ts'
import { freePortBase } from '../contestants/program.ts'
import type { Reached, SuiteResult } from '../report/result.ts'
import { House } from '../run/house.ts'
import { residentMb } from '../run/proc.ts'
import { benchFile } from '../run/stage.ts'
import type { Stage } from '../run/stage.ts'
import { spread } from '../run/statistics.ts'
import type { Spread } from '../run/statistics.ts'
import type { TargetId } from '../targets.ts'
import type { Suite } from './suite.ts'

const RunFile = Type.Object({ pids: Type.Record(Type.String(), Type.Number()) })
const readyTimeoutMs = 30_000
const settleMs = 1000

export const startupSuite: Suite = {
  name: 'startup',
  about: 'from nothing to ready: npm start, the harness, the gateway alone; memory of each process when idle',
  run: runStartup,
}

interface Measured {
  readonly what: string
  readonly seconds: Spread
  readonly target: TargetId | undefined
}

async function runStartup(stage: Stage): Promise<SuiteResult> {
  const times = stage.pace.name === 'quick' ? 3 : 5
  const memory = new Map<string, number>()
  const measured: Measured[] = []
  await repeated(stage, 'npm start, once before it counts', 1, () => startAll(stage, false, memory))
  const attempts: readonly [string, TargetId | undefined, () => Promise<number>][] = [
    ['npm start, first start', 'ready.all', () => startAll(stage, true, memory)],
    ['npm start, later start', undefined, () => startAll(stage, false, memory)],
    ['test harness, all parts in one process', 'ready.harness', () => startHarness(stage)],
    ['gateway alone', 'ready.gateway', await gatewayStarter(stage)],
  ]
  for (const [what, target, attempt] of attempts) {
    const seconds = await repeated(stage, what, times, attempt)
    if (seconds !== undefined) measured.push({ what, seconds, target })
  }
  return result(measured, memory)
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

/** `npm start` until run.json is there, on no data or on what an earlier start left. */
async function startAll(stage: Stage, first: boolean, memory: Map<string, number>): Promise<number> {
  const dataDir = first ? mkdtempSync(join(stage.dir, 'start-')) : join(stage.dir, 'start-again')
  const env = { ...process.env, GATEHOUSE_DATA: dataDir, GATEHOUSE_PORT_BASE: String(await freePortBase()) }
  const started = performance.now()
  const [command, args] = stage.realtime ? ['chrt', ['-r', '1', 'npm', 'start']] : ['npm', ['start']]
  const npm = spawn(command, args, { cwd: benchFile('..'), env, stdio: 'ignore', detached: true })
  const exited = new Promise<number | null>((resolve) =>
    npm.once('exit', resolve).once('error', () => resolve(1)),
  )
  try {
    await untilExists(join(dataDir, 'run.json'), exited)
    const seconds = (performance.now() - started) / 1000
    if (first) await readMemory(dataDir, memory)
    return seconds
  } finally {
    if (npm.pid !== undefined && npm.exitCode === null) process.kill(-npm.pid, 'SIGINT')
    await exited
    if (first) rmSync(dataDir, { recursive: true, force: true })
  }
}

async function untilExists(file: string, exited: Promise<number | null>): Promise<void> {
  const end = Date.now() + readyTimeoutMs
  const gone = exited.then((code) => `npm start ended with ${String(code)}`)
  while (!existsSync(file)) {
    const why = await Promise.race([sleep(4, undefined), gone])
    if (why !== undefined) throw new Error(why)
    if (Date.now() > end) throw new Error(`not ready within ${readyTimeoutMs} ms`)
  }
}

async function readMemory(dataDir: string, memory: Map<string, number>): Promise<void> {
  await sleep(settleMs)
  const { pids } = Value.Parse(RunFile, JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')))
  for (const [part, pid] of Object.entries(pids)) memory.set(part, residentMb(pid))
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
    const { child } = await house.start('gateway', undefined)
    const seconds = (performance.now() - started) / 1000
    await child.stop()
    return seconds
  }
}

function text(seconds: number): string {
  return `${seconds.toFixed(2)} s`
}

function result(measured: readonly Measured[], memory: ReadonlyMap<string, number>): SuiteResult {
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
      {
        title: 'Memory of each process after npm start, idle',
        columns: ['process', 'MB resident'],
        rows: [...memory].map(([part, megabytes]) => [part, megabytes.toFixed(0)]),
        notes: [],
      },
    ],
    plots: [],
    reached: measured.flatMap(({ target, seconds }): Reached[] =>
      target === undefined ? [] : [{ target, value: seconds.median }],
    ),
    data: { startup: measured, memory: Object.fromEntries(memory) },
  }
}
