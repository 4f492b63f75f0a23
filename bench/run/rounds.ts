import type { Job, Outcome } from '../load/job.ts'
import type { Child } from './child.ts'
import { busySeconds } from './proc.ts'
import type { Stage } from './stage.ts'

/** One contestant under one load. */
export interface Entry {
  readonly name: string
  /** The process that is measured. */
  readonly child: Child
  /** Processes beside the load process that serve the load, on its core. */
  readonly servants: readonly Child[]
  readonly job: Omit<Job, 'first' | 'seconds'>
  /** Compiled ahead: a short warm-up does. */
  readonly native?: boolean
  /** Requests that must have been sent before the first round, so that what can be cached is. */
  readonly fill?: number
  /** Called before each run of load, for requests that do not stay good for long. */
  prepare?(): Promise<void>
}

/** What one contestant did in one round. */
export interface Sample {
  readonly outcome: Outcome
  /** Right answers per second. */
  readonly rate: number
  /** Share of its core that the contestant used, and that load and upstream used of theirs. */
  readonly contestantCpu: number
  readonly loadCpu: number
  /** The larger share of either core that went to anybody else: noise of the machine. */
  readonly foreignCpu: number
  readonly cpuPerRequest: number
  readonly residentMb: number
}

export interface CaseRun {
  readonly name: string
  readonly entries: readonly Entry[]
  readonly rounds: number
  readonly seconds: number
}

const cursors = new WeakMap<Child, Map<string, number>>()
const warmed = new WeakSet<Child>()
const settleSeconds = 0.5
const fillSeconds = 1
const mostFills = 10
// Connecting and the bench's own process are a few per cent.
const noisy = 0.12

/** Measures A B C, A B C …; each later round begins one further along, so that nobody always follows the same one. */
export async function runRounds(stage: Stage, run: CaseRun): Promise<ReadonlyMap<string, readonly Sample[]>> {
  await warm(stage, run)
  const samples = new Map<string, Sample[]>(run.entries.map((entry) => [entry.name, []]))
  for (let round = 0; round < run.rounds; round += 1) {
    for (const entry of rotated(run.entries, round)) {
      stage.progress.step(`${run.name} · round ${round + 1}/${run.rounds} · ${entry.name}`)
      samples.get(entry.name)?.push(await quietSample(stage, entry, run.seconds))
    }
  }
  return samples
}

/** A fresh process gets the full warm-up, one that has run before as much as fills its caches for this load. */
async function warm(stage: Stage, run: CaseRun): Promise<void> {
  for (const entry of run.entries) {
    const isWarm = entry.native === true || warmed.has(entry.child)
    const seconds = isWarm ? settleSeconds : stage.pace.warmSeconds
    stage.progress.step(`${run.name} · warm-up · ${entry.name}`)
    await sample(stage, entry, seconds)
    for (let n = 0; cursor(entry) < (entry.fill ?? 0) && n < mostFills; n += 1)
      await sample(stage, entry, fillSeconds)
    warmed.add(entry.child)
  }
}

/**
 * A round in which others took a good part of either core says nothing about the contestant. It is measured again, and
 * the quietest attempt counts: chosen by the noise alone, whatever the rates were.
 */
async function quietSample(stage: Stage, entry: Entry, seconds: number): Promise<Sample> {
  let best = await sample(stage, entry, seconds)
  for (let tries = 0; best.foreignCpu > noisy && tries < stage.pace.retries; tries += 1) {
    stage.progress.step(
      `once more: others used ${Math.round(best.foreignCpu * 100)} % of a core · ${entry.name}`,
    )
    const again = await sample(stage, entry, seconds)
    if (again.foreignCpu < best.foreignCpu) best = again
  }
  return best
}

async function sample(stage: Stage, entry: Entry, seconds: number): Promise<Sample> {
  await entry.prepare?.()
  const own = watch(stage.cores.contestant, [entry.child])
  const load = watch(stage.cores.load, entry.servants)
  const outcome = await stage.load({ ...entry.job, seconds, first: cursor(entry) })
  const [ownUse, loadUse] = [own(), load()]
  setCursor(entry, outcome.next)
  entry.child.truncateLog()
  const loadUsed = loadUse.used + outcome.cpuSeconds
  const foreign = Math.max(ownUse.busy - ownUse.used, loadUse.busy - loadUsed, 0)
  return {
    outcome,
    rate: outcome.requests / outcome.seconds,
    contestantCpu: ownUse.used / outcome.seconds,
    loadCpu: loadUsed / outcome.seconds,
    foreignCpu: foreign / outcome.seconds,
    cpuPerRequest: ownUse.used / outcome.requests,
    residentMb: entry.child.residentMb(),
  }
}

interface Use {
  /** CPU seconds that the children used, and that anybody used of the core. */
  readonly used: number
  readonly busy: number
}

function watch(core: number | undefined, children: readonly Child[]): () => Use {
  const now = (): Use => ({
    used: cpuOf(children),
    busy: core === undefined ? Number.NaN : busySeconds(core),
  })
  const before = now()
  return () => {
    const after = now()
    return { used: after.used - before.used, busy: after.busy - before.busy }
  }
}

function cpuOf(children: readonly Child[]): number {
  return children.reduce((sum, child) => sum + child.cpuSeconds(), 0)
}

function cursor(entry: Entry): number {
  return cursors.get(entry.child)?.get(entry.job.requests) ?? 0
}

function setCursor(entry: Entry, next: number): void {
  const of = cursors.get(entry.child) ?? new Map<string, number>()
  of.set(entry.job.requests, next)
  cursors.set(entry.child, of)
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const at = by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}
