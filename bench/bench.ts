import type { Arguments } from './args.ts'
import { describeMachine } from './machine.ts'
import { profileTables } from './report/profile.ts'
import { joined } from './report/result.ts'
import type { Reached, SuiteResult } from './report/result.ts'
import { tableText, targetsTable } from './report/table.ts'
import { earlierTargets, resultsDir, writeResults } from './report/write.ts'
import type { EarlierTarget } from './report/write.ts'
import { findCores } from './run/cores.ts'
import { paceFor } from './run/pace.ts'
import { Progress } from './run/progress.ts'
import { Stage } from './run/stage.ts'
import { suites } from './suites.ts'
import type { SuiteName } from './suites.ts'
import { placeOf, settle, targetIds } from './targets.ts'
import type { TargetId } from './targets.ts'

/** Runs the suites one after the other, prints each one's tables when it is done, and writes the results. */
export async function runBench(args: Arguments): Promise<void> {
  const cores = findCores()
  const progress = new Progress()
  const machine = describeMachine(cores)
  const pace = paceFor({ ...args, now: Date.now() })
  const results = new Map<SuiteName, SuiteResult>()
  if (cores.contestant === undefined)
    progress.note('one core, or no taskset: contestant and load share it, ratios are rough')
  for (const name of args.suites) {
    const result = await runSuite(
      name,
      new Stage({
        cores,
        pace,
        progress,
        profileDir: args.profileDir,
        only: args.only,
        realtime: args.realtime,
        isWhole: args.isWhole,
      }),
    )
    progress.clear()
    for (const table of result.tables) process.stdout.write(`\n${tableText(table)}`)
    results.set(name, result)
  }
  if (args.profileDir !== undefined)
    for (const table of profileTables(args.profileDir)) process.stdout.write(`\n${tableText(table)}`)
  report({ args, machine, pace: pace.name, notes: progress.notes }, results)
}

async function runSuite(name: SuiteName, stage: Stage): Promise<SuiteResult> {
  const interrupted = (): void => void stage.close().then(() => process.exit(130))
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    await stage.open()
    return await suites[name].run(stage)
  } catch (error) {
    stage.progress.note(`failed: ${name}: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
    return joined([])
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
    await stage.close()
  }
}

interface Ran {
  readonly args: Arguments
  readonly machine: Readonly<Record<string, unknown>>
  readonly pace: string
  readonly notes: readonly string[]
}

function report(ran: Ran, results: ReadonlyMap<SuiteName, SuiteResult>): void {
  const { machine, pace } = ran
  const at = new Date().toISOString()
  const now = [...results.values()].flatMap((result) => result.reached)
  const fresh = new Set<TargetId>(now.map((entry) => entry.target))
  const earlier = new Map(earlierTargets(machine).map((target) => [target.id, target]))
  const targets = settle([...now, ...keptFrom(earlier, fresh)], (id) => whyNot(ran, id)).map((target) => ({
    ...target,
    ...(target.reached === null
      ? {}
      : { measured: fresh.has(target.id) ? at : (earlier.get(target.id)?.measured ?? at) }),
  }))
  writeResults({ at, pace, machine, targets }, results)
  process.stdout.write(
    `\n${tableText(targetsTable(targets))}\n${JSON.stringify(machine)}\nresults: ${resultsDir}\n`,
  )
}

/** What earlier runs reached and this one did not touch. */
function keptFrom(earlier: ReadonlyMap<string, EarlierTarget>, fresh: ReadonlySet<TargetId>): Reached[] {
  return targetIds.flatMap((id): Reached[] => {
    const { reached = null, note } = earlier.get(id) ?? {}
    if (fresh.has(id) || reached === null) return []
    return [{ target: id, value: reached, ...(note === undefined ? {} : { note }) }]
  })
}

function whyNot({ args, notes }: Ran, id: TargetId): string {
  const { suite, case: of } = placeOf(id)
  if (!args.suites.includes(suite)) return `suite ${suite} was not run`
  if (!of.includes(args.only)) return `left out by --only ${args.only}`
  const why = notes.filter((note) => note.startsWith('skipped') || note.startsWith('failed'))
  return why.length === 0 ? 'not measured; see the output' : why.join('; ')
}
