/** Which pages of other origins may read a route's answers (Fetch standard, section 3.3). */
export interface CorsConfig {
  /** As browsers send them. */
  readonly origins: readonly string[]
  readonly credentials: boolean
  /** Lower case. */
  readonly headers: readonly string[]
  /** Lower case. */
  readonly expose: readonly string[]
  readonly maxAgeMs: number
}
