/** No usable answer of the IdP in time; another try may succeed. */
export class IdpUnavailable extends Error {
  override readonly name = 'IdpUnavailable'
}

/** The IdP said no, or what it said did not pass a check. Trying the same again will not help. */
export class IdpRefused extends Error {
  override readonly name = 'IdpRefused'
  /** The OAuth error code, or the name of the check that failed. For logs and for branching. */
  readonly code: string

  constructor(code: string, options?: ErrorOptions) {
    super(`refused: ${code}`, options)
    this.code = code
  }
}
