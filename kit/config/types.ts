import type { ContractConfig } from './types-contract.ts'
import type { CorsConfig } from './types-cors.ts'
import type { ExternalDecisionConfig } from './types-external.ts'
import type { IntrospectionConfig } from './types-introspection.ts'
import type { GatewayLimits, LimitPolicyConfig, Priority, RouteLimits } from './types-limits.ts'
import type { ProtocolConfig } from './types-protocol.ts'
import type { UpstreamConfig } from './types-upstream.ts'
import type { RevocationConfig } from './types-revocation.ts'

export type { ContractConfig } from './types-contract.ts'
export type { CorsConfig } from './types-cors.ts'
export type { ExternalDecisionConfig } from './types-external.ts'
export type { IntrospectionConfig } from './types-introspection.ts'
export type { CountedBy, Priority, GatewayLimits, LimitPolicyConfig, RouteLimits } from './types-limits.ts'
export type { Balance, TargetConfig, UpstreamConfig } from './types-upstream.ts'

/** The compiled configuration: durations in ms, sizes in bytes, everything resolved, defaults filled. */
export interface Config {
  /** Name under which workloads have their identities, such as `gatehouse.local`. */
  readonly trustDomain: string
  /** The IdP's issuer, without a trailing slash. */
  readonly issuer: string
  /** Resource indicator of the APIs (RFC 8707), the audience of access tokens. */
  readonly resource: string
  readonly keys: KeysConfig
  readonly gateway: GatewayConfig
  readonly idp: IdpConfig
  readonly services: Readonly<Record<ServiceName, ServiceConfig>>
  readonly routes: readonly RouteConfig[]
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>
  readonly sites: readonly SiteConfig[]
  readonly limitPolicies: Readonly<Record<string, LimitPolicyConfig>>
  readonly edges: readonly EdgeConfig[]
  readonly revocation: RevocationConfig
}

export type ServiceName = 'users' | 'orders' | 'inventory'

export interface Listen {
  readonly host: string
  readonly port: number
  /** Several processes listen there (SO_REUSEPORT), and the kernel shares connections out. */
  readonly reusePort?: boolean
}

/** Of both rings: the IdP's, and the gateway's for internal tokens. */
export interface KeysConfig {
  readonly rotateEveryMs: number
  /** How long a key is public before it signs. */
  readonly publishMs: number
}

export interface GatewayConfig {
  /** Public origin, such as `http://localhost:3000`. */
  readonly origin: string
  readonly listen: Listen
  readonly internal: InternalDoorConfig
  readonly admin: Listen
  /** `Host` values accepted at the public door, lower case, with the port when it is not the scheme's own. */
  readonly hosts: readonly string[]
  readonly trustedProxies: readonly string[]
  /** Files in PEM; undefined: plain HTTP. */
  readonly tls: PublicTlsConfig | undefined
  /** `header`: where a trusted proxy puts the certificate of a caller, lower case; undefined: nowhere. */
  readonly mtls: { readonly header: string | undefined }
  readonly websockets: { readonly max: number; readonly pingMs: number }
  readonly session: SessionConfig
  readonly limits: GatewayLimits
  /** Lag of the event loop, milliseconds, at which requests of low priority are refused. */
  readonly overload: { readonly lagMs: number }
  /** Undefined: opaque tokens are refused. */
  readonly introspection: IntrospectionConfig | undefined
  /** `iss` of internal tokens: `urn:gatehouse:<trustDomain>:internal`. */
  readonly internalIssuer: string
  /** Life of an internal token, at most 60,000. */
  readonly internalTokenMs: number
  /** For routes that say nothing: how long a token may serve further requests that would get the same one. */
  readonly internalTokenReuseMs: number
  readonly store: string
  /** Serve `/openapi.json` and `/docs`. */
  readonly describe: boolean
  /** The gateway's own `client_id` at the IdP. */
  readonly clientId: string
}

export interface PublicTlsConfig {
  readonly certFile: string
  readonly keyFile: string
  readonly http2: boolean
  /** Ask callers for a certificate, to which their tokens may be bound. */
  readonly clientCertificates: boolean
}

export interface InternalDoorConfig extends Listen {
  /** Origin under which workloads reach the internal door. */
  readonly origin: string
}

export interface SessionConfig {
  readonly idleMs: number
  readonly absoluteMs: number
  /** Sessions of one account at a time; one more ends the oldest. */
  readonly perAccount: number
  /** `redis://…`; undefined: in the gateway's store. */
  readonly store: string | undefined
  /** Of the APIs: what is asked for when somebody signs in. */
  readonly scopes: readonly string[]
}

export interface IdpConfig {
  readonly listen: Listen
  readonly admin: Listen
  readonly store: string
  readonly ttl: TtlConfig
  /** How long a lost refresh response, repeated by the same client, gets the same successor. */
  readonly refreshGraceMs: number
  readonly trustedProxies: readonly string[]
  /** Make the demo users and clients at first start. */
  readonly demo: boolean
  readonly protocol: ProtocolConfig
  /** User names by role; for `cli apply`. */
  readonly roles: Readonly<Record<string, readonly string[]>>
}

export interface TtlConfig {
  readonly accessTokenMs: number
  readonly refreshTokenMs: number
  readonly idTokenMs: number
  readonly codeMs: number
  readonly sessionMs: number
  readonly grantMs: number
  readonly interactionMs: number
  /** Access tokens, by resource; none is above `accessTokenMs`. */
  readonly resourcesMs: Readonly<Record<string, number>>
}

export interface ServiceConfig {
  readonly listen: Listen
  readonly store: string
}

export type AuthnScheme = 'session' | 'bearer'

export interface RouteConfig {
  readonly id: string
  readonly match: RouteMatch
  readonly authn: readonly AuthnScheme[] | 'none'
  /** All scopes are needed, and any one of the roles; no roles: no role is demanded. */
  readonly authz: AuthzConfig
  /** Scopes of the internal token, minted as written once `authz` passed. Undefined with `authn: none`. */
  readonly token: RouteTokenConfig | undefined
  readonly limits: RouteLimits
  /** Who is refused first when there is too much to do. */
  readonly priority: Priority
  /** Its answers need not end: `limits.timeoutMs` is for their head only. */
  readonly stream: boolean
  readonly websocket: boolean
  /** Besides the gateway's own: from where a session may open WebSockets. */
  readonly origins: readonly string[]
  /** Undefined: pages of other origins may read nothing. */
  readonly cors: CorsConfig | undefined
  /** Undefined: requests are not looked into. */
  readonly contract: ContractConfig | undefined
  readonly upstream: string
  /** What to do without news of what was taken away. */
  readonly whenStale: 'refuse' | 'serve'
  /** Lower-case names that are added to the allow-lists. */
  readonly headers: { readonly request: readonly string[]; readonly response: readonly string[] }
}

export interface RouteTokenConfig {
  readonly scopes: readonly string[]
  /** How long it may serve further requests like the one that it was minted for; 0: each has its own. */
  readonly reuseMs: number
}

export interface AuthzConfig {
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  /** Any one of them; empty: whatever it was. */
  readonly acr: readonly string[]
  /** How long ago the person may have proven who they are; undefined: any time. */
  readonly maxAgeMs: number | undefined
  /** Undefined: nobody else is asked. */
  readonly external: ExternalDecisionConfig | undefined
}

export interface RouteMatch {
  /** `/api/orders`, `/api/orders/:id`, or with a trailing `/*`. */
  readonly path: string
  /** Upper case. */
  readonly methods: readonly string[]
  readonly hosts?: readonly string[]
  /** All of them must fit. */
  readonly headers?: readonly HeaderMatch[]
}

export interface HeaderMatch {
  /** Lower case. */
  readonly name: string
  /** Undefined: any. */
  readonly value?: string
}

/** A whole site that carries no caller's authority: everything under a host, or below a path. */
export interface SiteConfig {
  readonly id: string
  readonly at: { readonly host: string } | { readonly prefix: string }
  /** An origin. */
  readonly target: string
  readonly timeoutMs: number
  /** Lower-case names that are added to the allow-lists. */
  readonly headers: { readonly request: readonly string[]; readonly response: readonly string[] }
}

export interface EdgeConfig {
  readonly from: string
  readonly to: string
  readonly scopes: readonly string[]
  /** What `from` may do there on its own behalf, without a caller; none when it is left out. */
  readonly ownScopes?: readonly string[]
}
