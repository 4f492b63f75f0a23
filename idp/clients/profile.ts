import type { ClientRecord } from './metadata.ts'

/** How a client may prove who it is under FAPI 2.0 (Security Profile section 5.3.2.1). */
const strong: ReadonlySet<string> = new Set([
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
])

/** What a client's profile demands of it, whatever else its metadata say. */
export function demandsOf(record: ClientRecord): Partial<ClientRecord> {
  if (record.profile !== 'fapi2') return {}
  return {
    require_pushed_authorization_requests: true,
    ...(record.tls_client_certificate_bound_access_tokens === true ? {} : { dpop_bound_access_tokens: true }),
  }
}

/** Why a client cannot be held to its profile; undefined when it can. */
export function profileFault(record: ClientRecord): string | undefined {
  if (record.profile !== 'fapi2' || strong.has(record.token_endpoint_auth_method)) return undefined
  return `profile fapi2 asks for one of ${[...strong].join(', ')}`
}
