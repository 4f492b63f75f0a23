import { joined } from '../report/result.ts'
import type { Results, SuiteResult } from '../report/result.ts'
import type { Stage } from '../run/stage.ts'
import { gatewayKinds, gatewaysAt } from './growth/gateway-growth.ts'
import { grownResult, growthPlots } from './growth/grown.ts'
import type { Growth } from './growth/grown.ts'
import { storeAt, storeKinds, storeSizes } from './growth/store-growth.ts'
import { inTurn } from './in-turn.ts'
import type { Suite } from './suite.ts'

/** The most that a run of all suites has time to fill a store with, and that any other run fills one with. */
const [reducedRows, mostRows] = [100_000, 1_000_000]
const seconds = { routes: 15, targets: 12, revocations: 13, sessions: 3, accounts: 3, grants: 3 } as const

export const growthSuite: Suite = {
  name: 'growth',
  about: 'cost, p99, memory and start-up as routes, targets, revocations, sessions, accounts and grants grow',
  cases: seconds,
  run: runGrowth,
}

async function runGrowth(stage: Stage): Promise<Results> {
  const worst = { perTenfold: 0, what: '' }
  const all: Growth[] = []
  const kinds = [
    ...gatewayKinds.map((kind) => ({
      ...kind,
      cost: 'a request',
      grow: () => gatewaysAt(stage, kind, sizesFor(stage, kind.sizes)),
    })),
    ...storeKinds.map((kind) => ({ ...kind, grow: () => storeAt(stage, kind.id, storeSizesFor(stage)) })),
  ]
  const runs = kinds.map(({ id, what, cost, grow }) => {
    const run = async (): Promise<SuiteResult> => {
      const growth = { id, what, cost, grown: await grow() }
      all.push(growth)
      const { perTenfold, result } = grownResult(growth)
      if (perTenfold > worst.perTenfold) Object.assign(worst, { perTenfold, what })
      return result
    }
    return [id, run] as const
  })
  const results = await inTurn(stage, Object.fromEntries(runs))
  if (worst.perTenfold === 0) return results
  const note = `${worst.what}${results.size < kinds.length ? `; only ${results.size} of ${kinds.length} kinds` : ''}`
  const verdict: SuiteResult = {
    ...joined([]),
    // Two sizes are no line.
    plots: stage.isWhole ? growthPlots(all) : [],
    reached: [{ target: 'growth', value: worst.perTenfold, note }],
  }
  const kept = [...results].map(([id, result]) => [stage.isWhole ? id : `${id}, ends only`, result] as const)
  return new Map([...kept, ['verdict', verdict]])
}

function sizesFor(stage: Stage, sizes: readonly number[]): readonly number[] {
  if (stage.pace.name === 'tiny') return sizes.slice(0, 2)
  return stage.isWhole ? sizes : ends(sizes)
}

function storeSizesFor(stage: Stage): readonly number[] {
  const most = stage.rows ?? (stage.isWhole && stage.pace.name !== 'quick' ? mostRows : reducedRows)
  return sizesFor(
    stage,
    storeSizes.filter((size) => size <= most),
  )
}

/** A run of all suites has time for the smallest and the largest only. */
function ends(sizes: readonly number[]): readonly number[] {
  return [...sizes.slice(0, 1), ...sizes.slice(-1)]
}
