/** How what is taken away becomes known at the gateway. */
export interface RevocationConfig {
  /** Whether the issuer's security events are polled. */
  readonly issuer: boolean
  /** Without news for longer than this, routes do as their `whenStale` says. */
  readonly maxStalenessMs: number
  readonly transmitters: readonly TransmitterConfig[]
}

/** Somebody else who sends security events. */
export interface TransmitterConfig {
  readonly id: string
  readonly issuer: string
  /** URL of its key set. */
  readonly jwks: string
  readonly audience: string
  readonly poll: { readonly url: string; readonly token: string } | undefined
  readonly push: boolean
}
