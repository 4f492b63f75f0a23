/** Where it is asked what opaque tokens are worth (RFC 7662). */
export interface IntrospectionConfig {
  /** Undefined: the IdP's own, with the gateway's own authentication there. */
  readonly foreign:
    | {
        readonly url: string
        readonly issuer: string
        readonly clientId: string
        readonly clientSecret: string
      }
    | undefined
  readonly timeoutMs: number
  /** How long a good answer may be used; 0: every request asks. */
  readonly cacheMs: number
}
