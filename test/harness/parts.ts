import type { PartContext, PartName, RunningPart } from '@gatehouse/kit/lifecycle'

type Start = (context: PartContext) => Promise<RunningPart>

/** What production runs, a process each; here they share one. Loaded when wanted: half a house boots sooner. */
export const starts: Readonly<Record<PartName, Start>> = {
  idp: async (context) => (await import('../../idp/start.ts')).start(context),
  gateway: async (context) => (await import('../../gateway/start.ts')).start(context),
  users: async (context) => (await import('../../services/users/start.ts')).start(context),
  orders: async (context) => (await import('../../services/orders/start.ts')).start(context),
  inventory: async (context) => (await import('../../services/inventory/start.ts')).start(context),
}
