import type { AdapterPayload } from 'oidc-provider'

/** A row of ours that does not hold what we wrote: the database was tampered with or is another program's. */
class DamagedRow extends Error {
  override readonly name = 'DamagedRow'
}

/** Reads back what was stored of an artifact; its authenticity is the seal's business. */
export function readPayload(json: string): AdapterPayload {
  const value: unknown = JSON.parse(json)
  if (!isPayload(value)) throw new DamagedRow('an artifact is not an object')
  return value
}

function isPayload(value: unknown): value is AdapterPayload {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** When it was used, in milliseconds since the epoch, or 0. Kept in whole seconds: the benefit of the doubt is the client's. */
export function consumedAt(found: AdapterPayload): number {
  const consumed: unknown = found['consumed']
  return typeof consumed === 'number' ? (consumed + 1) * 1000 : 0
}
