import { join } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Child } from '../../run/child.ts'
import type { Stage } from '../../run/stage.ts'
import type { StoreKind } from './fill.ts'
import type { Grown } from './grown.ts'

const Answer = Type.Object({
  size: Type.Number(),
  us: Type.Number(),
  p99Us: Type.Number(),
  perSecond: Type.Number(),
  megabytes: Type.Number(),
  readySeconds: Type.Number(),
})
const fillTimeoutMs = 180_000
const operations = 2_000

export const storeKinds: readonly { readonly id: StoreKind; readonly what: string; readonly cost: string }[] =
  [
    { id: 'sessions', what: 'sessions in SQLite', cost: 'find and touch one' },
    { id: 'accounts', what: 'accounts in SQLite', cost: 'find one by name and by id' },
    { id: 'grants', what: 'grants in SQLite', cost: 'find and save one' },
  ]
export const storeSizes = [1_000, 10_000, 100_000, 1_000_000] as const

/** One store that grows from size to size; a process of its own for each, so that memory is of that size. */
export async function storeAt(
  stage: Stage,
  kind: StoreKind,
  sizes: readonly number[],
): Promise<readonly Grown[]> {
  const file = join(stage.dir, `growth-${kind}.sqlite`)
  const grown: Grown[] = []
  let from = 0
  for (const size of sizes) {
    stage.progress.step(`growth · ${size} ${kind} in SQLite`)
    const settings = { kind, file }
    const child = stage.node(
      `growth-${kind}-${size}`,
      'programs/growth-store.ts',
      settings,
      stage.cores.contestant,
    )
    grown.push(await ask(stage, child, { from, size }))
    from = size
  }
  return grown
}

async function ask(
  stage: Stage,
  child: Child,
  { from, size }: { readonly from: number; readonly size: number },
): Promise<Grown> {
  await stage.port(child)
  child.send({ from, size, operations })
  try {
    return Value.Parse(Answer, await child.message(fillTimeoutMs))
  } finally {
    await child.stop()
  }
}
