import type { Job, Outcome } from '../load/job.ts'
import type { Child } from './child.ts'
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
  /** It has no target: it is measured in as few rounds as a case without targets. */
  readonly side?: boolean
  /** Requests that must have been sent before the first round, so that what can be cached is. */
  readonly fill?: number
  /** Called before each run of load and told how long it is, for requests that do not stay good for long. */
  prepare?(seconds: number): Promise<void>
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
  /** Seconds that one contestant is measured in one round. Default: those of the pace. */
  readonly seconds?: number
  /** Milliseconds of Date.now() until which further rounds may begin. Default: the time of the case. */
  readonly until?: number
  /** A case without targets: shorter warm-ups, and fewer rounds when it is late. */
  readonly side?: boolean
}

const cursors = new WeakMap<Child, Map<string, number>>()
const warmed = new WeakSet<Child>()
const settleSeconds = 0.5
const fillSeconds = 1
const mostFills = 10
/** Of a warm-up's seconds, the part that the contestant itself must have worked; and how often it is tried. */
const warmShare = 0.6
const mostWarmUps = 3

/**
 * Measures A B C, A C B, C A B …: each later round begins one further along and every other one goes backwards, so that
 * nobody always follows the same one. As many rounds as there is time for, and no fewer than the pace says.
 */
export async function runRounds(stage: Stage, run: CaseRun): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const { roundSeconds, leastRounds, sideRounds, mostRounds } = stage.pace
  const { seconds = roundSeconds, until = stage.until } = run
  await warm(stage, run)
  const samples = new Map<string, Sample[]>(run.entries.map((entry) => [entry.name, []]))
  let longest = 0
  const another = (done: number): boolean =>
    done < (run.side === true ? sideRounds : leastRounds) ||
    (done < mostRounds && Date.now() + longest < until)
  for (let round = 0; another(round); round += 1) {
    const begun = Date.now()
    const taking = run.entries.filter(({ side = false }) => !side || round < sideRounds)
    for (const entry of inOrderOf(round, taking)) {
      stage.progress.step(`${run.name} · round ${round + 1} · ${entry.name}`)
      samples.get(entry.name)?.push(await sample(stage, entry, seconds))
    }
    longest = Math.max(longest, Date.now() - begun)
  }
  return samples
}

/** A fresh process gets the full warm-up, one that has run before as much as fills its caches for this load. */
async function warm(stage: Stage, run: CaseRun): Promise<void> {
  const { sideWarmSeconds, warmSeconds: fullSeconds } = stage.pace
  const seconds = (run.side === true ? sideWarmSeconds : fullSeconds) * stage.plan.hurry
  for (const entry of run.entries) {
    const isWarm = entry.native === true || warmed.has(entry.child)
    stage.progress.step(`${run.name} · warm-up · ${entry.name}`)
    if (isWarm) await warmUp(stage, entry, Math.min(settleSeconds, seconds), 1)
    else await warmUp(stage, entry, seconds, mostWarmUps)
    let sent = 0
    for (let n = 0; sent < (entry.fill ?? 0) && n < mostFills; n += 1)
      sent += (await sample(stage, entry, Math.min(fillSeconds, seconds))).outcome.requests
    warmed.add(entry.child)
  }
}

/** What warms up is work, not time: on a machine with other work it takes longer, within limits. */
async function warmUp(stage: Stage, entry: Entry, seconds: number, most: number): Promise<void> {
  let used = 0
  for (let n = 0; n < most && !(used >= seconds * warmShare); n += 1) {
    const { outcome } = await sample(stage, entry, seconds)
    used += outcome.use?.own ?? Number.POSITIVE_INFINITY
    const faults = Object.entries(outcome.faults).map(([fault, count]) => `${count} × ${fault}`)
    if (faults.length > 0) stage.fault(`wrong answers: ${entry.name}, warming up: ${faults.join(', ')}`)
  }
}

async function sample(stage: Stage, entry: Entry, seconds: number): Promise<Sample> {
  const { job } = entry
  const { lead = stage.pace.leadSeconds } = job
  await entry.prepare?.(lead + seconds)
  const { contestant, load } = stage.cores
  const outcome = await stage.load({
    ...job,
    seconds,
    lead,
    first: cursor(entry),
    watch: {
      own: [entry.child.pid],
      servants: entry.servants.map(({ pid }) => pid),
      ...(contestant === undefined || load === undefined ? {} : { cores: [contestant, load] }),
    },
  })
  setCursor(entry, outcome.next)
  entry.child.truncateLog()
  return sampleOf(outcome, entry.child.residentMb())
}

function sampleOf(outcome: Outcome, residentMb: number): Sample {
  const { seconds, requests, use } = outcome
  const [ownUsed, loadUsed] = [use?.own ?? Number.NaN, (use?.servants ?? Number.NaN) + outcome.cpuSeconds]
  const [ownBusy, loadBusy] = use?.cores ?? [Number.NaN, Number.NaN]
  return {
    outcome,
    rate: requests / seconds,
    contestantCpu: ownUsed / seconds,
    loadCpu: loadUsed / seconds,
    foreignCpu: Math.max(ownBusy - ownUsed, loadBusy - loadUsed, 0) / seconds,
    cpuPerRequest: ownUsed / requests,
    residentMb,
  }
}

function cursor(entry: Entry): number {
  return cursors.get(entry.child)?.get(entry.job.requests) ?? 0
}

function setCursor(entry: Entry, next: number): void {
  const of = cursors.get(entry.child) ?? new Map<string, number>()
  of.set(entry.job.requests, next)
  cursors.set(entry.child, of)
}

function inOrderOf<T>(round: number, items: readonly T[]): readonly T[] {
  const at = round % items.length
  const rotated = [...items.slice(at), ...items.slice(0, at)]
  return round % 2 === 0 ? rotated : rotated.toReversed()
}
