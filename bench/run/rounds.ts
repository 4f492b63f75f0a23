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
}

/** What one contestant did in one round. */
export interface Sample {
  readonly outcome: Outcome
  /** Right answers per second. */
  readonly rate: number
  /** Share of its core that the contestant used, and that load and upstream used of theirs. */
  readonly contestantCpu: number
  readonly loadCpu: number
  /** Share of the contestant's core that went to anybody else: noise of the machine. */
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

/** Measures A B C, A B C …; each later round begins one further along, so that nobody always follows the same one. */
export async function runRounds(stage: Stage, run: CaseRun): Promise<ReadonlyMap<string, readonly Sample[]>> {
  await warm(stage, run)
  const samples = new Map<string, Sample[]>(run.entries.map((entry) => [entry.name, []]))
  for (let round = 0; round < run.rounds; round += 1) {
    for (const entry of rotated(run.entries, round)) {
      stage.progress.step(`${run.name} · round ${round + 1}/${run.rounds} · ${entry.name}`)
      samples.get(entry.name)?.push(await sample(stage, entry, run.seconds))
    }
  }
  return samples
}

/** A fresh process gets the full warm-up, one that has run before as much as fills its caches for this load. */
async function warm(stage: Stage, run: CaseRun): Promise<void> {
  for (const entry of run.entries) {
    const seconds = warmed.has(entry.child) ? settleSeconds : stage.pace.warmSeconds
    stage.progress.step(`${run.name} · warm-up · ${entry.name}`)
    await sample(stage, entry, seconds)
    warmed.add(entry.child)
  }
}

async function sample(stage: Stage, entry: Entry, seconds: number): Promise<Sample> {
  const { contestant } = stage.cores
  const before = entry.child.cpuSeconds()
  const servedBefore = cpuOf(entry.servants)
  const busyBefore = contestant === undefined ? Number.NaN : busySeconds(contestant)
  const outcome = await stage.load({ ...entry.job, seconds, first: cursor(entry) })
  const used = entry.child.cpuSeconds() - before
  const busy = contestant === undefined ? Number.NaN : busySeconds(contestant) - busyBefore
  setCursor(entry, outcome.next)
  entry.child.truncateLog()
  return {
    outcome,
    rate: outcome.requests / outcome.seconds,
    contestantCpu: used / outcome.seconds,
    loadCpu: (outcome.cpuSeconds + cpuOf(entry.servants) - servedBefore) / outcome.seconds,
    foreignCpu: Math.max(0, (busy - used) / outcome.seconds),
    cpuPerRequest: used / outcome.requests,
    residentMb: entry.child.residentMb(),
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
