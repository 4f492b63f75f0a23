/** Why a token was refused: for the log. Callers of a server hear `invalid_token` only. */
export type TokenReason =
  | 'too_large'
  | 'malformed'
  | 'bad_header'
  | 'bad_type'
  | 'bad_algorithm'
  | 'unknown_key'
  | 'bad_signature'
  | 'bad_claims'
  | 'expired'
  | 'not_yet_valid'
  | 'bad_issuer'
  | 'bad_audience'
  | 'revoked'
  | 'inactive'
  | 'wrong_presenter'
  | 'chain_too_deep'

/** A token was refused. `message` names claims, never their values. */
export class TokenRejected extends Error {
  override readonly name = 'TokenRejected'
  readonly reason: TokenReason

  constructor(reason: TokenReason, detail?: string) {
    super(detail === undefined ? reason : `${reason}: ${detail}`)
    this.reason = reason
  }
}
