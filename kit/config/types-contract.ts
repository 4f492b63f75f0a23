/** The OpenAPI document that a route's requests must fit. */
export interface ContractConfig {
  /** Absolute. */
  readonly file: string
  /** What it holds: another text is another configuration. */
  readonly text: string
  /** `operationId`; undefined: the operation with the route's method and path. */
  readonly operation: string | undefined
}
