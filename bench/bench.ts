import type { Arguments } from './args.ts'
import { describeMachine } from './machine.ts'
import { planOf } from './plan.ts'
import { profileTables } from './report/profile.ts'
import { joined } from './report/result.ts'
import type { Results } from './report/result.ts'
import { settleTargets } from './report/settle.ts'
import { tableText, targetsTable } from './report/table.ts'
import { placeFor, writeResults } from './report/write.ts'
import { findCores } from './run/cores.ts'
import { paceFor } from './run/pace.ts'
import { Progress } from './run/progress.ts'
import { Stage } from './run/stage.ts'
import { wordsOf } from './run/words-of.ts'
import { suites } from './suites.ts'
import type { SuiteName } from './suites.ts'
import { placeOf } from './targets.ts'

/** Runs the suites one after the other, prints each one's tables when it is done, and writes the results. */
export async function runBench(args: Arguments): Promise<void> {
  const cores = findCores()
  const progress = new Progress()
  const machine = describeMachine(cores)
  const pace = paceFor({ name: args.pace, minutes: args.minutes, soakSeconds: args.soakSeconds })
  const { plan, text } = planOf(args, pace)
  process.stderr.write(text)
  progress.expectedEnd = () => plan.expectedEnd
  const results = new Map<SuiteName, Results>()
  if (cores.contestant === undefined)
    progress.note('one core, or no taskset: contestant and load share it, ratios are rough')
  for (const suite of args.suites) {
    const { profileDir, only, realtime, isWhole, rows } = args
    const stage = new Stage({ cores, pace, plan, suite, progress, profileDir, only, realtime, isWhole, rows })
    const result = await runSuite(suite, stage)
    progress.clear()
    for (const table of joined(result.values()).tables) process.stdout.write(`\n${tableText(table)}`)
    results.set(suite, result)
  }
  if (args.profileDir !== undefined)
    for (const table of profileTables(args.profileDir)) process.stdout.write(`\n${tableText(table)}`)
  report({ args, machine, notes: progress.notes }, results)
}

async function runSuite(name: SuiteName, stage: Stage): Promise<Results> {
  const interrupted = (): void => void stage.close().then(() => process.exit(130))
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    await stage.open()
    return await suites[name].run(stage)
  } catch (error) {
    stage.fault(`failed: ${name}: ${wordsOf(error)}`)
    return new Map()
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
    await stage.close()
  }
}

interface Ran {
  readonly args: Arguments
  readonly machine: Readonly<Record<string, unknown>>
  readonly notes: readonly string[]
}

function report({ args, machine, notes }: Ran, results: ReadonlyMap<SuiteName, Results>): void {
  const at = new Date().toISOString()
  const place = placeFor(args.out)
  const { reached, wrong } = joined([...results.values()].flatMap((suite) => [...suite.values()]))
  const { suites: run, only, pace } = args
  const targets = settleTargets({ at, place, machine, reached, run, only, notes })
  writeResults(place, { at, pace, machine, targets }, results)
  process.stdout.write(
    `\n${tableText(targetsTable(targets.filter(({ id }) => run.includes(placeOf(id).suite))))}\n${JSON.stringify(machine)}\nresults: ${place.dir}\n`,
  )
  if (wrong === 0) return
  process.stdout.write(`WRONG ANSWERS: ${wrong}\n`)
  process.exitCode = 1
}
