import { randomBytes } from 'node:crypto'
import { conforms, type Static, Type } from '@gatehouse/kit'

export const Sku = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' })
export const Quantity = Type.Integer({ minimum: 1, maximum: 1000 })
export const OrderId = Type.String({ pattern: '^ord_[0-9a-z]{29}$' })

export const Address = Type.Object({
  street: Type.String(),
  postal_code: Type.String(),
  city: Type.String(),
  country: Type.String(),
})
export type Address = Static<typeof Address>

/** An order as it is shown. */
export const Order = Type.Object({
  id: OrderId,
  sku: Sku,
  quantity: Quantity,
  status: Type.Literal('reserved'),
  address: Type.Union([Address, Type.Null()]),
  owner: Type.String(),
  created_at: Type.String(),
})
export type Order = Static<typeof Order>

export function isOrderId(text: string): boolean {
  return conforms(OrderId, text)
}

/** Starts with the time, so that the newest order has the greatest id; the rest cannot be guessed. */
export function newOrderId(now: number): string {
  return `ord_${now.toString(36).padStart(9, '0')}${randomBytes(10).toString('hex')}`
}
