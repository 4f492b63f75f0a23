/** A decision that somebody else takes, asked over HTTP. */
export interface ExternalDecisionConfig {
  readonly url: string
  readonly timeoutMs: number
  readonly onFailure: 'deny' | 'allow'
  /** 0: every request is asked about. */
  readonly cacheMs: number
}
