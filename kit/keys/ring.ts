import type { JsonWebKey } from 'node:crypto'
import type { Transaction } from 'kysely'
import { StartError } from '../errors.ts'
import { publicJwk } from './jwk.ts'
import {
  ensureKeys,
  insertKey,
  loadChanged,
  loadKeys,
  promote,
  type KeyRingOptions,
  type LoadedKeys,
  type RingKey,
  type SigningKey,
} from './rows.ts'
import type { KeyRingTable } from './table.ts'

export type { KeyRingOptions, KeyState, RingKey, SigningKey } from './rows.ts'
export { keyRingMigration, type KeyRingTable } from './table.ts'

/**
 * The signing keys of one issuer. One key signs; the next one is published beside it, so that every verifier knows
 * it before it signs; the former ones keep verifying. Private keys rest sealed under the master key.
 */
export class KeyRing {
  readonly #options: KeyRingOptions
  readonly #listeners = new Set<() => void>()
  #loaded: LoadedKeys
  #signing: RingKey
  #reading: Promise<void> = Promise.resolve()

  private constructor(options: KeyRingOptions, loaded: LoadedKeys) {
    this.#options = options
    this.#loaded = loaded
    this.#signing = signingOf(loaded.keys)
  }

  /**
   * Opens a ring, and makes its keys when it has none. Of several processes that do so at once, one wins.
   * @throws StartError when the keys were sealed under another master key or do not match their ids.
   */
  static async open(options: KeyRingOptions): Promise<KeyRing> {
    await ensureKeys(options)
    return new KeyRing(options, await loadKeys(options))
  }

  /** Which ring it is. */
  get name(): KeyRingOptions['ring'] {
    return this.#options.ring
  }

  /** The key to sign with now. */
  signing(): SigningKey {
    return this.#signing
  }

  /** All keys: the signing one, the published one, the retiring ones. */
  keys(): readonly RingKey[] {
    return this.#loaded.keys
  }

  /** The public keys, RFC 7517 section 5. */
  jwks(): { keys: JsonWebKey[] } {
    return { keys: this.#loaded.keys.map((key) => publicJwk(key.publicKey)) }
  }

  /**
   * One turn: the published key signs, the signing key retires, and a new key is published. The caller sees to it that
   * the published key was public for longer than the JWKS may be cached (schedule.ts). If another process turned the
   * ring meanwhile, its turn counts.
   */
  async rotate(): Promise<void> {
    const from = this.#signing.kid
    await this.change((trx) => this.rotateIn(trx, from))
  }

  /**
   * The same in a transaction that does more. Call `reload` after the commit.
   * @param from the key that gives way, as it was when this was decided: one that signs only since then stays
   * @returns the `kid` of the key that signs from now on; undefined when another turn counts
   */
  async rotateIn(trx: Transaction<KeyRingTable>, from: string): Promise<string | undefined> {
    const { ring, clock } = this.#options
    const at = clock.now()
    const retired = await trx
      .updateTable('signing_keys')
      .set({ state: 'retiring', state_since: at })
      .where((row) => row.and({ ring, kid: from, state: 'signing' }))
      .executeTakeFirst()
    if (retired.numUpdatedRows !== 1n) return undefined
    const kid = await promote(trx, this.#options, at)
    await insertKey(trx, this.#options, 'published', at)
    return kid
  }

  /**
   * Takes a key out of the ring at once, whatever it signed; the published key steps in where it was the signing one.
   * Call `reload` after the commit.
   * @returns whether it was there
   */
  async retireIn(trx: Transaction<KeyRingTable>, kid: string): Promise<boolean> {
    const { ring, clock } = this.#options
    const gone = await trx
      .deleteFrom('signing_keys')
      .where((row) => row.and({ ring, kid }))
      .returning('state')
      .executeTakeFirst()
    if (gone === undefined) return false
    if (gone.state === 'retiring') return true
    const at = clock.now()
    if (gone.state === 'signing') await promote(trx, this.#options, at)
    await insertKey(trx, this.#options, 'published', at)
    return true
  }

  /** The same in a transaction of its own. */
  retire(kid: string): Promise<boolean> {
    return this.change((trx) => this.retireIn(trx, kid))
  }

  /** Runs a change in a transaction of its own, and knows of it afterwards. */
  async change<T>(run: (trx: Transaction<KeyRingTable>) => Promise<T>): Promise<T> {
    const result = await this.#options.store.db.transaction().execute(run)
    await this.reload()
    return result
  }

  /** Removes keys that are retiring since before `before` (milliseconds since the epoch). */
  async removeRetired(before: number): Promise<void> {
    const { store, ring } = this.#options
    await store.db
      .deleteFrom('signing_keys')
      .where((row) => row.and({ ring, state: 'retiring' }))
      .where('state_since', '<=', before)
      .execute()
    await this.reload()
  }

  /**
   * Reads the ring again, after another process changed it. Cheap when none did. One reading follows the other: an
   * earlier one that ends later would bring back a key that is gone.
   */
  reload(): Promise<void> {
    const reading = this.#reading.then(() => this.#read())
    this.#reading = reading.catch(() => undefined)
    return reading
  }

  async #read(): Promise<void> {
    const loaded = await loadChanged(this.#options, this.#loaded)
    if (loaded === undefined) return
    this.#signing = signingOf(loaded.keys)
    this.#loaded = loaded
    for (const listener of this.#listeners) listener()
  }

  /** Calls `listener` after each change. @returns a function that ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

function signingOf(keys: readonly RingKey[]): RingKey {
  const signing = keys.find((key) => key.state === 'signing')
  if (signing !== undefined) return signing
  throw new StartError('the key ring has no signing key', {
    hint: 'restore the table signing_keys from a backup',
  })
}
