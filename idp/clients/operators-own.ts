import type { ClientRecord } from './metadata.ts'

/** What an operator says of a client. A change by the client itself, be it of its document, leaves it as it is. */
export const operatorsOwn = [
  'profile',
  'exchange_audiences',
  'access_token_format',
  'authorization_details_types',
  'access_token_ttl',
  'refresh_token_ttl',
  'id_token_ttl',
] as const

/** A client as it changes itself, with what an operator has said of it. @param known as it was */
export function withOperatorsOwn(changed: ClientRecord, known: ClientRecord | undefined): ClientRecord {
  const kept = operatorsOwn.filter((name) => known?.[name] !== undefined)
  return { ...changed, ...Object.fromEntries(kept.map((name) => [name, known?.[name]])) }
}
