import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { conforms } from '@gatehouse/kit/conforms'
import { Type } from '@gatehouse/kit/schema'
import type { OwnApi } from './own-api.ts'

const Orders = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String(),
      sku: Type.String(),
      quantity: Type.Integer(),
      status: Type.String(),
      created_at: Type.String(),
    }),
  ),
})

const Inventory = Type.Object({
  items: Type.Array(
    Type.Object({ sku: Type.String(), name: Type.Optional(Type.String()), quantity: Type.Integer() }),
  ),
})

export interface ShownOrder {
  readonly id: string
  readonly name: string
  readonly quantity: number
  readonly status: string
  readonly created_at: string
}

/** What the API says to this person at this moment; undefined where it did not answer. */
export interface ShopView {
  readonly orders: readonly ShownOrder[] | undefined
  readonly inventory:
    readonly { readonly sku: string; readonly name: string; readonly quantity: number }[] | undefined
  /** For the form: sent twice, it orders once. */
  readonly key: string
}

export async function shopView(api: OwnApi, request: FastifyRequest): Promise<ShopView> {
  const [listed, stock] = await Promise.all([
    api(request, { method: 'GET', path: '/api/orders' }),
    api(request, { method: 'GET', path: '/api/inventory' }),
  ])
  const inventory = conforms(Inventory, stock.body)
    ? stock.body.items.map(({ sku, name = sku, quantity }) => ({ sku, name, quantity }))
    : undefined
  const names = new Map(inventory?.map(({ sku, name }) => [sku, name]))
  const orders = conforms(Orders, listed.body)
    ? listed.body.items.map((order) => ({ ...order, name: names.get(order.sku) ?? order.sku }))
    : undefined
  return { orders, inventory, key: randomUUID() }
}
