import type { Arguments } from './args.ts'
import { describeMachine } from './machine.ts'
import { profileTables } from './report/profile.ts'
import { joined } from './report/result.ts'
import type { Reached, SuiteResult } from './report/result.ts'
import { tableText, targetsTable } from './report/table.ts'
import { earlierTargets, resultsDir, writeResults } from './report/write.ts'
import { findCores } from './run/cores.ts'
import { paceFor } from './run/pace.ts'
import { Progress } from './run/progress.ts'
import { Stage } from './run/stage.ts'
import { suites } from './suites.ts'
import type { SuiteName } from './suites.ts'
import { settle, targetIds } from './targets.ts'
import type { TargetId } from './targets.ts'

/** Runs the suites one after the other, prints each one's tables when it is done, and writes the results. */
export async function runBench(args: Arguments): Promise<void> {
  const cores = findCores()
  const progress = new Progress()
  const machine = describeMachine(cores)
  const pace = paceFor({ quick: args.quick, minutes: args.minutes, now: Date.now() })
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
      }),
    )
    progress.clear()
    for (const table of result.tables) process.stdout.write(`\n${tableText(table)}`)
    results.set(name, result)
  }
  if (args.profileDir !== undefined)
    for (const table of profileTables(args.profileDir)) process.stdout.write(`\n${tableText(table)}`)
  report(args, machine, pace.name, results)
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

function report(
  args: Arguments,
  machine: Readonly<Record<string, unknown>>,
  pace: string,
  results: ReadonlyMap<SuiteName, SuiteResult>,
): void {
  const at = new Date().toISOString()
  const now = [...results.values()].flatMap((result) => result.reached)
  const fresh = new Set<TargetId>(now.map((entry) => entry.target))
  const earlier = new Map(earlierTargets(machine).map((target) => [target.id, target]))
  const kept = targetIds.flatMap((id): Reached[] => {
    const value = earlier.get(id)?.reached
    const note = earlier.get(id)?.note
    if (fresh.has(id) || value === undefined || value === null) return []
    return [{ target: id, value, ...(note === undefined ? {} : { note }) }]
  })
  const whyNot = (): string =>
    args.suites.length > 1 ? 'not measured in this run; see its output' : 'its suite was not run'
  const targets = settle([...now, ...kept], whyNot).map((target) => ({
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
