import { joined } from '../report/result.ts'
import type { SuiteResult } from '../report/result.ts'
import type { Stage } from '../run/stage.ts'
import { gatewayAt, gatewayKinds } from './growth/gateway-growth.ts'
import { grownResult, growthPlots } from './growth/grown.ts'
import type { Grown, Growth } from './growth/grown.ts'
import { storeAt, storeKinds, storeSizes } from './growth/store-growth.ts'
import { inTurn } from './in-turn.ts'
import type { Suite } from './suite.ts'

/** The most that a run of all suites has time to fill a store with. */
const reducedRows = 100_000

export const growthSuite: Suite = {
  name: 'growth',
  about: 'cost, p99, memory and start-up as routes, targets, revocations, sessions, accounts and grants grow',
  cases: [...gatewayKinds, ...storeKinds].map(({ id }) => id),
  run: runGrowth,
}

async function runGrowth(stage: Stage): Promise<SuiteResult> {
  const worst = { perTenfold: 0, what: '' }
  const all: Growth[] = []
  const kinds = [
    ...gatewayKinds.map((kind) => ({
      ...kind,
      cost: 'a request',
      grow: () => gatewayGrowth(stage, kind),
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
  if (worst.perTenfold === 0) return joined(results)
  const note = `${worst.what}${results.length < kinds.length ? `; only ${results.length} of ${kinds.length} kinds` : ''}`
  return joined([
    ...results,
    {
      tables: [],
      plots: growthPlots(all),
      reached: [{ target: 'growth', value: worst.perTenfold, note }],
      data: {},
    },
  ])
}

async function gatewayGrowth(stage: Stage, kind: (typeof gatewayKinds)[number]): Promise<readonly Grown[]> {
  const grown: Grown[] = []
  for (const size of stage.isWhole ? kind.sizes : ends(kind.sizes)) {
    grown.push(await gatewayAt(stage, kind, size))
  }
  return grown
}

function storeSizesFor(stage: Stage): readonly number[] {
  if (stage.isWhole && stage.pace.name === 'full') return storeSizes
  const sizes = storeSizes.filter((size) => size <= reducedRows)
  return stage.isWhole ? sizes : ends(sizes)
}

/** A run of all suites has time for the smallest and the largest only. */
function ends(sizes: readonly number[]): readonly number[] {
  return [...sizes.slice(0, 1), ...sizes.slice(-1)]
}
