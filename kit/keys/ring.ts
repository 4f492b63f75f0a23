import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import { StartError } from '../errors.ts'
import { SecretsError, type MasterKey } from '../secrets.ts'
import { isUniqueViolation } from '../store/errors.ts'
import type { Store } from '../store/open.ts'
import { publicJwk } from './jwk.ts'
import type { KeyRingTable } from './table.ts'

export { keyRingMigration, type KeyRingTable } from './table.ts'

export type KeyState = 'published' | 'signing' | 'retiring'

/** A key pair of a ring. Its algorithm is part of it: nothing a token says changes that. */
export interface SigningKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string
  readonly alg: 'ES256'
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly state: KeyState
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface KeyRingOptions {
  readonly store: Store<KeyRingTable>
  readonly ring: 'idp' | 'internal'
  readonly masterKey: MasterKey
  readonly clock: Clock
}

const order: readonly KeyState[] = ['signing', 'published', 'retiring']

/**
 * The signing keys of one issuer. One key signs; the next one is published beside it, so that every verifier knows
 * it before it signs; the former ones keep verifying. Private keys rest sealed under the master key.
 */
export class KeyRing {
  readonly #options: KeyRingOptions
  readonly #listeners = new Set<() => void>()
  #keys: readonly SigningKey[] = []
  #signing: SigningKey

  private constructor(options: KeyRingOptions, keys: readonly SigningKey[], signing: SigningKey) {
    this.#options = options
    this.#keys = keys
    this.#signing = signing
  }

  /**
   * Opens a ring, and makes its keys when it has none. Of several processes that do so at once, one wins.
   * @throws StartError when the keys were sealed under another master key or do not match their ids.
   */
  static async open(options: KeyRingOptions): Promise<KeyRing> {
    await ensureKeys(options)
    const keys = await loadKeys(options)
    return new KeyRing(options, keys, signingOf(keys))
  }

  /** The key to sign with now. */
  signing(): SigningKey {
    return this.#signing
  }

  /** All keys: the signing one, the published one, the retiring ones. */
  keys(): readonly SigningKey[] {
    return this.#keys
  }

  /** The public keys, RFC 7517 section 5. */
  jwks(): { keys: JsonWebKey[] } {
    return { keys: this.#keys.map((key) => publicJwk(key.publicKey)) }
  }

  /**
   * One turn: the published key signs, the signing key retires, and a new key is published. The caller sees to it that
   * the published key was public for longer than the JWKS may be cached. If another process turned the ring
   * meanwhile, its turn counts.
   */
  async rotate(): Promise<void> {
    const { store, ring } = this.#options
    const since = this.#options.clock.now()
    const from = this.#signing.kid
    const next = this.#keys.find((key) => key.state === 'published')
    await store.db.transaction().execute(async (trx) => {
      const retired = await trx
        .updateTable('signing_keys')
        .set({ state: 'retiring', state_since: since })
        .where((row) => row.and({ ring, kid: from, state: 'signing' }))
        .executeTakeFirst()
      if (retired.numUpdatedRows !== 1n) return
      await promote(trx, this.#options, next)
      await insertKey(trx, this.#options, 'published')
    })
    await this.reload()
  }

  /** Reads the ring again, after another process changed it. */
  async reload(): Promise<void> {
    const keys = await loadKeys(this.#options)
    const changed = JSON.stringify(keys.map(stateOf)) !== JSON.stringify(this.#keys.map(stateOf))
    this.#signing = signingOf(keys)
    this.#keys = keys
    if (changed) for (const listener of this.#listeners) listener()
  }

  /** Calls `listener` after each change. @returns a function that ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

async function ensureKeys(options: KeyRingOptions): Promise<void> {
  const { store, ring } = options
  const first = await store.db
    .selectFrom('signing_keys')
    .select('kid')
    .where('ring', '=', ring)
    .executeTakeFirst()
  if (first !== undefined) return
  try {
    await store.db.transaction().execute(async (trx) => {
      await insertKey(trx, options, 'signing')
      await insertKey(trx, options, 'published')
    })
  } catch (error) {
    // The index allows one signing key a ring: another process made it in this moment.
    if (!isUniqueViolation(error)) throw error
  }
}

async function promote(
  db: Kysely<KeyRingTable>,
  o: KeyRingOptions,
  next: SigningKey | undefined,
): Promise<void> {
  if (next === undefined) return insertKey(db, o, 'signing')
  const promoted = await db
    .updateTable('signing_keys')
    .set({ state: 'signing', state_since: o.clock.now() })
    .where((row) => row.and({ ring: o.ring, kid: next.kid, state: 'published' }))
    .executeTakeFirst()
  if (promoted.numUpdatedRows !== 1n) throw new Error(`the published key of the ring "${o.ring}" is gone`)
}

async function insertKey(db: Kysely<KeyRingTable>, o: KeyRingOptions, state: KeyState): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kid } = publicJwk(publicKey)
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const now = o.clock.now()
  await db
    .insertInto('signing_keys')
    .values({
      ring: o.ring,
      kid,
      alg: 'ES256',
      state,
      sealed_key: o.masterKey.seal(pem, sealingContext(o.ring, kid)),
      created_at: now,
      state_since: now,
    })
    .execute()
}

async function loadKeys(options: KeyRingOptions): Promise<readonly SigningKey[]> {
  const { store, ring } = options
  const rows = await store.db
    .selectFrom('signing_keys')
    .selectAll()
    .where('ring', '=', ring)
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .execute()
  return rows
    .map((row) => readKey(row, options))
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
}

function readKey(row: KeyRingTable['signing_keys'], { ring, masterKey }: KeyRingOptions): SigningKey {
  try {
    const privateKey = createPrivateKey(masterKey.open(row.sealed_key, sealingContext(ring, row.kid)))
    const publicKey = createPublicKey(privateKey)
    // A key under another key's id would verify what it never signed.
    if (publicJwk(publicKey).kid !== row.kid)
      throw new SecretsError('not_authentic', 'a key is not the one it is called')
    return { kid: row.kid, alg: row.alg, privateKey, publicKey, state: row.state, createdAt: row.created_at }
  } catch (cause) {
    if (!(cause instanceof SecretsError)) throw cause
    throw new StartError(`the signing keys of "${ring}" cannot be opened: ${cause.message}`, {
      hint: 'use the master key with which this database was made (master.key in its data folder)',
      cause,
    })
  }
}

function sealingContext(ring: string, kid: string): string {
  return JSON.stringify(['signing_keys', ring, kid])
}

function signingOf(keys: readonly SigningKey[]): SigningKey {
  const signing = keys.find((key) => key.state === 'signing')
  if (signing !== undefined) return signing
  throw new StartError('the key ring has no signing key', {
    hint: 'restore the table signing_keys from a backup',
  })
}

function stateOf(key: SigningKey): readonly [string, KeyState] {
  return [key.kid, key.state]
}
