import type { ServiceName } from './types.ts'

/** The services that come with Gatehouse, in the order of their ports. */
export const serviceNames = ['users', 'orders', 'inventory'] as const satisfies readonly ServiceName[]
