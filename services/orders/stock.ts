import { type Call, type Caller, conforms, type OwnCall, Problem, Type } from '@gatehouse/kit'
import type { Draft } from './order-book.ts'

const scopes = ['inventory:reserve']
// With the one for the address it stays below the 5 s that the gateway waits for an order.
const timeoutMs = 2_000
const OutOfStock = Type.Object({ code: Type.Literal('out_of_stock') })

/**
 * Reserves an order's stock in `inventory`.
 * @returns the problem when `inventory` certainly reserved nothing, undefined when it did.
 * @throws CallError or Problem when it is not known whether it did.
 */
export async function reserveStock(call: Call, caller: Caller, draft: Draft): Promise<Problem | undefined> {
  const { status, body } = await call(caller, 'inventory', {
    method: 'POST',
    path: '/reservations',
    body: { order_id: draft.id, sku: draft.sku, quantity: draft.quantity },
    scopes,
    timeoutMs,
  })
  if (status === 201) return undefined
  if (status === 409 && conforms(OutOfStock, body)) return new Problem('out_of_stock')
  if (status === 404) {
    return new Problem('validation_failed', {
      faults: [{ path: '/sku', message: 'is not in our catalogue' }],
    })
  }
  throw new Problem('bad_gateway')
}

/**
 * Gives an order's stock back, whether or not it was ever reserved; also when the one who ordered does not wait for it
 * any more.
 */
export async function releaseStock(call: Call, caller: Caller, orderId: string): Promise<void> {
  const { status } = await call(caller, 'inventory', {
    method: 'DELETE',
    path: `/reservations/${orderId}`,
    scopes,
    timeoutMs,
    detached: true,
  })
  if (status !== 204) throw new Problem('bad_gateway')
}

/** The same for an order of anybody, on this service's own behalf. */
export async function releaseAnyStock(callAsSelf: OwnCall, orderId: string): Promise<void> {
  const path = `/reservations/${orderId}/release`
  const { status } = await callAsSelf('inventory', {
    method: 'POST',
    path,
    scopes: ['inventory:release'],
    timeoutMs,
  })
  if (status !== 204) throw new Problem('bad_gateway')
}
