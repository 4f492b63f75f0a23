import type { Rate } from '../units.ts'

export type ClientAuthMethod =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'
  | 'none'

/** RSA only under the certification profile. */
export type SigningAlgorithm = 'ES256' | 'PS256' | 'RS256'

/** A client as it is written in the configuration, with the names of RFC 7591. */
export interface ClientConfig {
  readonly client_id: string
  readonly client_name?: string
  readonly logo_uri?: string
  readonly client_uri?: string
  readonly policy_uri?: string
  readonly tos_uri?: string
  readonly client_secret?: string
  readonly application_type?: 'web' | 'native'
  readonly token_endpoint_auth_method: ClientAuthMethod
  readonly grant_types: readonly string[]
  readonly redirect_uris?: readonly string[]
  readonly post_logout_redirect_uris?: readonly string[]
  readonly backchannel_logout_uri?: string
  readonly backchannel_logout_session_required?: boolean
  readonly scope?: string
  /** JSON text. */
  readonly jwks?: string
  readonly jwks_uri?: string
  readonly tls_client_auth_subject_dn?: string
  readonly tls_client_auth_san_dns?: string
  readonly tls_client_auth_san_uri?: string
  readonly tls_client_certificate_bound_access_tokens?: boolean
  readonly dpop_bound_access_tokens?: boolean
  readonly require_pushed_authorization_requests?: boolean
  readonly require_signed_request_object?: boolean
  readonly subject_type?: 'public' | 'pairwise'
  readonly sector_identifier_uri?: string
  readonly response_types?: readonly string[]
  readonly id_token_signed_response_alg?: SigningAlgorithm
  readonly userinfo_signed_response_alg?: SigningAlgorithm
  readonly authorization_signed_response_alg?: SigningAlgorithm
  readonly introspection_signed_response_alg?: 'ES256'
  readonly access_token_format?: 'jwt' | 'opaque'
  readonly exchange_audiences?: readonly string[]
  readonly authorization_details_types?: readonly string[]
  readonly backchannel_token_delivery_mode?: 'poll' | 'ping'
  readonly backchannel_client_notification_endpoint?: string
  /** Durations as they are written. */
  readonly ttl?: { readonly accessToken?: string; readonly refreshToken?: string; readonly idToken?: string }
  readonly profile?: 'fapi2'
}

/** One field of a type of authorization details (RFC 9396 section 2). */
export interface DetailFieldConfig {
  readonly type: 'text' | 'number' | 'flag' | 'texts'
  readonly words: string
  readonly required?: boolean
  readonly oneOf?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
}

export interface DetailTypeConfig {
  readonly words: string
  readonly fields: Readonly<Record<string, DetailFieldConfig>>
}

/** Clients whose id is the URL of their metadata (draft-ietf-oauth-client-id-metadata-document). */
export interface MetadataDocumentsConfig {
  readonly hosts: 'any' | readonly string[]
  readonly scopes: readonly string[]
  readonly quota: Rate
  readonly expiryMs: number
}

/** What the identity server speaks beyond the plain flows, and with whom. */
export interface ProtocolConfig {
  readonly profile: 'certification' | undefined
  readonly dpop: { readonly requireNonce: boolean }
  /** `header` in lower case; `ca` a file. */
  readonly mtls: { readonly header: string | undefined; readonly ca: string | undefined }
  /** `ca` is a file. */
  readonly fetch: { readonly allow: readonly string[]; readonly ca: string | undefined }
  readonly registration: {
    readonly who: 'nobody' | 'token' | 'anyone'
    readonly initialAccessToken: string | undefined
    /** Undefined: OpenID Connect's only. */
    readonly scopes: readonly string[]
    readonly quota: Rate
    readonly expiryMs: number
  }
  /** Undefined: off. */
  readonly metadataDocuments: MetadataDocumentsConfig | undefined
  /** Undefined: off. */
  readonly ciba: { readonly expiryMs: number } | undefined
  readonly authorizationDetails: Readonly<Record<string, DetailTypeConfig>>
  readonly clients: readonly ClientConfig[]
}
