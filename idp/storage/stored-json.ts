import { conforms } from '@gatehouse/kit/conforms'
import type { Schema, Static } from '@gatehouse/kit/schema'

/**
 * Reads JSON that this server has stored.
 * @throws TypeError when it is not what was stored there
 */
export function readStored<S extends Schema>(schema: S, json: string): Static<S> {
  const value: unknown = JSON.parse(json)
  if (!conforms(schema, value)) throw new TypeError('a stored record does not have the expected shape')
  return value
}
