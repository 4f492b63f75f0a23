import { Type } from '@gatehouse/kit'

/** Chosen by whoever reserves; it makes a reservation repeatable without taking stock twice. */
export const OrderId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })
