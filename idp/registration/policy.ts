import { withoutBadLinks } from '../clients/links.ts'
import { tidyName } from '../clients/names.ts'
import { operatorsOwn } from '../clients/operators-own.ts'
import { isOpenIdScope, splitScope } from '../provider/scopes.ts'

type Metadata = Readonly<Record<string, unknown>>

export interface RegistrationPolicy {
  /** The most that a client may ask for. */
  readonly scopes: readonly string[]
  /** Milliseconds since the epoch: when it is forgotten. */
  readonly expiresAt: number
  /** Whether the flows and the standard's own default algorithm of the certification profile are on. */
  readonly certification: boolean
}

/** What strangers may use: a person is asked in every one of these. */
const grantTypes: ReadonlySet<unknown> = new Set(['authorization_code', 'refresh_token'])
/** Ours, and not for clients to say. */
const reserved: ReadonlySet<string> = new Set([
  ...operatorsOwn,
  'resource_scope',
  'document_fresh_until',
  'client_id',
  'client_id_issued_at',
])
const loopback: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * What becomes of the metadata that somebody wants to register (RFC 7591 section 2: a server may replace any): scopes
 * within what the policy gives, no more grants than a person decides about, and always the note that nobody here knows it.
 * @returns a text when it is refused
 */
export function underPolicy(
  asked: Metadata,
  policy: RegistrationPolicy,
): (Metadata & { readonly client_name: string }) | string {
  const wanted = asked['grant_types'] ?? ['authorization_code']
  const allowed = (type: unknown) => grantTypes.has(type) || (policy.certification && type === 'implicit')
  if (!Array.isArray(wanted) || !wanted.every(allowed))
    return 'grant_types may be authorization_code and refresh_token'
  const own = Object.entries(withoutBadLinks(asked)).filter(([name]) => !reserved.has(name))
  const scopes = scopesOf(asked['scope'], policy.scopes)
  const openId = scopes.filter(isOpenIdScope)
  return {
    // OpenID Connect Registration section 2; elsewhere ES256 is the default.
    ...(policy.certification ? { id_token_signed_response_alg: 'RS256' } : {}),
    ...Object.fromEntries(own),
    grant_types: wanted,
    response_types: policy.certification ? (asked['response_types'] ?? ['code']) : ['code'],
    application_type: asked['application_type'] ?? (isNative(asked['redirect_uris']) ? 'native' : 'web'),
    client_name:
      typeof asked['client_name'] === 'string' ? tidyName(asked['client_name']) : 'Unnamed application',
    ...(openId.length === 0 ? { scope: undefined } : { scope: openId.join(' ') }),
    resource_scope: scopes.filter((scope) => !isOpenIdScope(scope)).join(' '),
    unknown_party: true,
    expires_at: policy.expiresAt,
  }
}

function scopesOf(asked: unknown, most: readonly string[]): readonly string[] {
  if (typeof asked !== 'string') return most
  return splitScope(asked).filter((scope) => most.includes(scope))
}

/** Why codes may not be sent there: on the way everybody could read them (RFC 9700 section 2.6). The rest is the library's to say. */
export function redirectFault(uris: unknown): string | undefined {
  const isOpen =
    Array.isArray(uris) && uris.some((uri) => urlOf(uri)?.protocol === 'http:' && !isLoopback(uri))
  if (!isOpen) return undefined
  return 'redirect_uris with http may be on 127.0.0.1, [::1] and localhost only'
}

/** An application on somebody's own machine, which cannot know its port beforehand (RFC 8252 section 7.3). */
function isNative(uris: unknown): boolean {
  if (!Array.isArray(uris) || uris.length === 0) return false
  return uris.every(isLoopback)
}

function isLoopback(uri: unknown): boolean {
  const url = urlOf(uri)
  return url?.protocol === 'http:' && loopback.has(url.hostname)
}

function urlOf(uri: unknown): URL | undefined {
  return typeof uri === 'string' ? (URL.parse(uri) ?? undefined) : undefined
}
