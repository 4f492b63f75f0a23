import type { SuiteName } from '../suites.ts'
import { placeOf, settle, targetIds } from '../targets.ts'
import type { TargetId } from '../targets.ts'
import type { Reached } from './result.ts'
import { earlierTargets } from './write.ts'
import type { EarlierTarget, Place, RecordedTarget } from './write.ts'

export interface SettleOptions {
  readonly at: string
  readonly place: Place
  readonly machine: Readonly<Record<string, unknown>>
  readonly reached: readonly Reached[]
  /** The suites that were run, and the cases of them. */
  readonly run: readonly SuiteName[]
  readonly only: string
  /** What was told while they ran. */
  readonly notes: readonly string[]
}

/** Every target: as this run reached it, as an earlier one on the same machine did, or why it is not known. */
export function settleTargets(options: SettleOptions): readonly RecordedTarget[] {
  const { at, place, machine, reached } = options
  const fresh = new Set<TargetId>(reached.map((entry) => entry.target))
  const earlier = new Map(earlierTargets(place, machine).map((target) => [target.id, target]))
  return settle([...reached, ...keptFrom(earlier, fresh)], (id) => whyNot(options, id)).map((target) => ({
    ...target,
    ...(target.reached === null
      ? {}
      : { measured: fresh.has(target.id) ? at : (earlier.get(target.id)?.measured ?? at) }),
  }))
}

/** What earlier runs reached and this one did not touch. */
function keptFrom(earlier: ReadonlyMap<string, EarlierTarget>, fresh: ReadonlySet<TargetId>): Reached[] {
  return targetIds.flatMap((id): Reached[] => {
    const { reached = null, note, range } = earlier.get(id) ?? {}
    if (fresh.has(id) || reached === null) return []
    const [low, high] = range ?? []
    return [
      {
        target: id,
        value: reached,
        ...(low === undefined || high === undefined ? {} : { range: [low, high] }),
        ...(note === undefined ? {} : { note }),
      },
    ]
  })
}

function whyNot({ run, only, notes }: SettleOptions, id: TargetId): string {
  const { suite, case: of } = placeOf(id)
  if (!run.includes(suite)) return `suite ${suite} was not run`
  if (!of.includes(only)) return `left out by --only ${only}`
  const why = notes.filter((note) => note.startsWith('skipped') || note.startsWith('failed'))
  return why.length === 0 ? 'not measured; see the output' : why.join('; ')
}
