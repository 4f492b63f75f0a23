import { join } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Child } from '../../run/child.ts'
import type { Stage } from '../../run/stage.ts'
import type { StoreKind } from './fill.ts'
import { atItsBest } from './grown.ts'
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
/** Before it counts, and in each round. */
const [warmOperations, operations] = [2_000, 500]
const rounds = 7

export const storeKinds: readonly { readonly id: StoreKind; readonly what: string; readonly cost: string }[] =
  [
    { id: 'sessions', what: 'sessions in SQLite', cost: 'find and touch one' },
    { id: 'accounts', what: 'accounts in SQLite', cost: 'find one by name and by id' },
    { id: 'grants', what: 'grants in SQLite', cost: 'find and save one' },
  ]
export const storeSizes = [1_000, 10_000, 100_000, 1_000_000] as const

/** Stores of all sizes side by side, each with a process of its own: filled one after the other, then asked in turn. */
export async function storeAt(
  stage: Stage,
  kind: StoreKind,
  sizes: readonly number[],
): Promise<readonly Grown[]> {
  const stores: Child[] = []
  try {
    for (const size of sizes) {
      stage.progress.step(`growth · ${size} ${kind} in SQLite`)
      stores.push(await filledStore(stage, kind, size))
    }
    const measured: Grown[][] = stores.map(() => [])
    for (let round = 0; round < rounds; round += 1)
      for (const [at, store] of stores.entries()) measured[at]?.push(await ask(store, operations))
    return measured.map(atItsBest)
  } finally {
    await Promise.all(stores.map((store) => store.stop()))
  }
}

async function filledStore(stage: Stage, kind: StoreKind, size: number): Promise<Child> {
  const settings = { kind, size, file: join(stage.dir, `growth-${kind}-${size}.sqlite`) }
  const name = `growth-${kind}-${size}`
  const child = stage.node(name, 'programs/growth-store.ts', settings, stage.cores.contestant)
  await stage.port(child)
  await ask(child, warmOperations)
  return child
}

async function ask(child: Child, count: number): Promise<Grown> {
  child.send({ operations: count })
  return Value.Parse(Answer, await child.message(fillTimeoutMs))
}
