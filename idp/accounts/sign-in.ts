import { addressKey } from './address.ts'
import type { AccountCredentials, AccountRecord, Accounts } from './accounts.ts'
import { maxPasswordLength, type Passwords, randomPassword } from './passwords.ts'
import { proofOf } from './proof.ts'
import type { AttemptLimiter } from './throttle.ts'
import { tooMany } from '../turns.ts'
import { foldUsername } from './username.ts'

export type SignInResult =
  | {
      readonly outcome: 'signed_in'
      readonly account: AccountRecord
      /** What the account looked like; see proof.ts. */
      readonly proof: string
    }
  /** One answer for a wrong password, an unknown name and a disabled account. */
  | {
      readonly outcome: 'refused'
      /** Of an account: what is nobody's name may be a password that was typed into the wrong field. */
      readonly username: string | undefined
    }
  | { readonly outcome: 'throttled'; readonly username: string; readonly retryAfterMs: number }

/** Checks a name and a password, as fast and with the same answer whether or not there is such an account. */
export class SignIn {
  readonly #accounts: Accounts
  readonly #passwords: Passwords
  readonly #byAccount: AttemptLimiter
  readonly #byAddress: AttemptLimiter
  readonly #nobodysHash: string

  private constructor(options: SignInOptions, nobodysHash: string) {
    this.#accounts = options.accounts
    this.#passwords = options.passwords
    this.#byAccount = options.byAccount
    this.#byAddress = options.byAddress
    this.#nobodysHash = nobodysHash
  }

  static async create(options: SignInOptions): Promise<SignIn> {
    return new SignIn(options, await options.passwords.hash(randomPassword()))
  }

  /** @throws Problem `rate_limited` when too many wait for their passwords to be checked. */
  async attempt(input: { username: string; password: string; address: string }): Promise<SignInResult> {
    if (this.#passwords.isFull) throw tooMany()
    const folded = foldUsername(input.username)
    // Names that cannot exist share one counter: they are nobody's to lock out.
    const username = folded ?? ''
    const address = addressKey(input.address)
    // In this order an address that is throttled cannot lock others out of their accounts.
    const retryAfterMs = this.#byAddress.take(address) || this.#byAccount.take(username)
    if (retryAfterMs > 0) return { outcome: 'throttled', username, retryAfterMs }
    const found = folded === undefined ? undefined : await this.#accounts.credentialsByUsername(folded)
    const checked = await this.#verify(found, input.password)
    if (checked === undefined) return { outcome: 'refused', username: found?.account.username }
    this.#byAccount.clear(username)
    this.#byAddress.refund(address)
    return { outcome: 'signed_in', account: checked.account, proof: proofOf(checked.passwordHash) }
  }

  async #verify(
    found: AccountCredentials | undefined,
    password: string,
  ): Promise<AccountCredentials | undefined> {
    const acceptable = password.length <= maxPasswordLength
    const hash = found?.passwordHash ?? this.#nobodysHash
    const right = await this.#passwords.verify(hash, acceptable ? password : '')
    return right && acceptable && found !== undefined ? this.#stillStanding(found) : undefined
  }

  /** A check takes its time, and waits for it: the password may be another by then, or its account shut out. */
  async #stillStanding({
    account,
    passwordHash,
  }: AccountCredentials): Promise<AccountCredentials | undefined> {
    const now = await this.#accounts.credentialsById(account.id)
    return now?.passwordHash === passwordHash && !now.account.disabled ? now : undefined
  }
}

export interface SignInOptions {
  readonly accounts: Accounts
  readonly passwords: Passwords
  readonly byAccount: AttemptLimiter
  readonly byAddress: AttemptLimiter
}
