import type { PartContext, PartName, RunningPart } from '@gatehouse/kit/lifecycle'

interface PartModule {
  readonly start: (context: PartContext) => Promise<RunningPart>
}

/** What production runs, a process each; here they share one. Loaded when wanted: half a house boots sooner. */
const modules: Readonly<Record<PartName, () => Promise<PartModule>>> = {
  idp: () => import('../../idp/start.ts'),
  gateway: () => import('../../gateway/start.ts'),
  users: () => import('../../services/users/start.ts'),
  orders: () => import('../../services/orders/start.ts'),
  inventory: () => import('../../services/inventory/start.ts'),
}

export async function startPart(context: PartContext, part: PartName): Promise<RunningPart> {
  const { start } = await modules[part]()
  return start(context)
}

/**
 * Starts these parts, the identity server before the others: they ask it for its keys, and who asks too early has to come
 * again. What they need is loaded while it waits for its database.
 * @returns one result for each of them
 */
export async function startParts(
  parts: readonly PartName[],
  contextFor: (part: PartName) => PartContext,
): Promise<readonly PromiseSettledResult<RunningPart>[]> {
  const first = parts.filter((part) => part === 'idp').map((part) => startPart(contextFor(part), part))
  const begun = Promise.allSettled(first)
  await Promise.all(parts.map((part) => modules[part]()))
  const others = parts.filter((part) => part !== 'idp')
  return [
    ...(await begun),
    ...(await Promise.allSettled(others.map((part) => startPart(contextFor(part), part)))),
  ]
}
