import type { MetadataDocumentsConfig } from '@gatehouse/kit/config/types-protocol'
import { withoutBadLinks } from '../clients/links.ts'
import { tidyName } from '../clients/names.ts'
import { InvalidClientRecord, readClientRecord, type ClientRecord } from '../clients/metadata.ts'
import { splitScope } from '../provider/scopes.ts'

type Metadata = Readonly<Record<string, unknown>>

/** What a document may say; everything else in it is as if it were not there. */
const taken = [
  'client_name',
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'contacts',
  'redirect_uris',
  'post_logout_redirect_uris',
  'jwks',
  'jwks_uri',
  'dpop_bound_access_tokens',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
  'request_object_signing_alg',
  'token_endpoint_auth_signing_alg',
]

/** A document is public: no secret can prove whose it is (section 4.1). */
const authMethods: ReadonlySet<unknown> = new Set(['none', 'private_key_jwt'])
const secretMembers = ['client_secret', 'client_secret_expires_at']
/** A person is asked in every one of these. */
const grantTypes: ReadonlySet<unknown> = new Set(['authorization_code', 'refresh_token'])
const loopback: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** What a document does not say: until when it holds. Milliseconds since the epoch. */
export interface DocumentTimes {
  readonly freshUntil: number
  readonly expiresAt: number
}

/**
 * The client that a document describes, under the policy; undefined when it describes none that we take.
 * @param clientId the URL that it was fetched from, which it has to name by simple string comparison (section 4.1)
 */
export function recordOf(
  clientId: string,
  document: unknown,
  policy: MetadataDocumentsConfig,
  times: DocumentTimes,
): ClientRecord | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined
  const asked: Metadata = withoutBadLinks({ ...document })
  if (asked['client_id'] !== clientId || secretMembers.some((name) => name in asked)) return undefined
  const method = asked['token_endpoint_auth_method'] ?? 'none'
  const grants = list(asked['grant_types'] ?? ['authorization_code']).filter((type) => grantTypes.has(type))
  const uris = list(asked['redirect_uris'])
  if (!authMethods.has(method) || !grants.includes('authorization_code') || !areRedirects(uris))
    return undefined
  return readable({
    client_name: new URL(clientId).host,
    post_logout_redirect_uris: [],
    ...Object.fromEntries(taken.filter((name) => name in asked).map((name) => [name, asked[name]])),
    ...(typeof asked['client_name'] === 'string' ? { client_name: tidyName(asked['client_name']) } : {}),
    client_id: clientId,
    application_type: uris.some(isLoopback) ? 'native' : 'web',
    token_endpoint_auth_method: method,
    grant_types: grants,
    response_types: ['code'],
    scope: scopeOf(asked['scope'], policy.scopes),
    unknown_party: true,
    document_fresh_until: times.freshUntil,
    expires_at: times.expiresAt,
  })
}

function readable(record: Metadata): ClientRecord | undefined {
  try {
    return readClientRecord(JSON.stringify(record))
  } catch (error) {
    if (error instanceof InvalidClientRecord) return undefined
    throw error
  }
}

/** Without asking for less it may ask for all that the policy gives. */
function scopeOf(asked: unknown, most: readonly string[]): string {
  if (typeof asked !== 'string') return most.join(' ')
  return splitScope(asked)
    .filter((scope) => most.includes(scope))
    .join(' ')
}

/** To a site, or to the person's own machine: no scheme that any application on it may claim (RFC 8252 section 8.6). */
function areRedirects(uris: readonly unknown[]): boolean {
  return uris.length > 0 && uris.every((uri) => isLoopback(uri) || urlOf(uri)?.protocol === 'https:')
}

function isLoopback(uri: unknown): boolean {
  const url = urlOf(uri)
  return url !== undefined && url.protocol === 'http:' && loopback.has(url.hostname)
}

function urlOf(uri: unknown): URL | undefined {
  return typeof uri === 'string' ? (URL.parse(uri) ?? undefined) : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
