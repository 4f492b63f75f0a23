/** A password and the hash that it may have been made into. */
export interface PasswordCheck {
  readonly passwordHash: string
  readonly password: string
}
