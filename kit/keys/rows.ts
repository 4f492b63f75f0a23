import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { CompiledQuery, Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import { StartError } from '../errors.ts'
import { SecretsError, type MasterKey } from '../secrets.ts'
import { isUniqueViolation } from '../store/errors.ts'
import type { Store } from '../store/open.ts'
import { publicJwk } from './jwk.ts'
import type { KeyRingTable } from './table.ts'

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

/** A key as its ring has it. */
export interface RingKey extends SigningKey {
  /** Since when it has its state; milliseconds since the epoch. */
  readonly stateSince: number
}

export interface KeyRingOptions {
  readonly store: Store<KeyRingTable>
  readonly ring: 'idp' | 'internal'
  readonly masterKey: MasterKey
  readonly clock: Clock
}

type Row = KeyRingTable['signing_keys']

const order: readonly KeyState[] = ['signing', 'published', 'retiring']

/** Makes the first keys of a ring that has none. */
export async function ensureKeys(options: KeyRingOptions): Promise<void> {
  const { store, ring } = options
  const first = await store.db
    .selectFrom('signing_keys')
    .select('kid')
    .where('ring', '=', ring)
    .executeTakeFirst()
  if (first !== undefined) return
  try {
    const at = options.clock.now()
    await store.db.transaction().execute(async (trx) => {
      await insertKey(trx, options, 'signing', at)
      await insertKey(trx, options, 'published', at)
    })
  } catch (error) {
    // The index allows one signing key a ring: another process made it in this moment.
    if (!isUniqueViolation(error)) throw error
  }
}

/** @returns its `kid` */
export async function insertKey(
  db: Kysely<KeyRingTable>,
  o: KeyRingOptions,
  state: KeyState,
  at: number,
): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kid } = publicJwk(publicKey)
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  await db
    .insertInto('signing_keys')
    .values({
      ring: o.ring,
      kid,
      alg: 'ES256',
      state,
      sealed_key: o.masterKey.seal(pem, sealingContext(o.ring, kid)),
      created_at: at,
      state_since: at,
    })
    .execute()
  return kid
}

/** The published key signs from now on; where there is none, a new one does. @returns its `kid` */
export async function promote(db: Kysely<KeyRingTable>, o: KeyRingOptions, at: number): Promise<string> {
  const promoted = await db
    .updateTable('signing_keys')
    .set({ state: 'signing', state_since: at })
    .where((row) => row.and({ ring: o.ring, state: 'published' }))
    .returning('kid')
    .executeTakeFirst()
  return promoted?.kid ?? insertKey(db, o, 'signing', at)
}

/** A ring as it was read, and what tells whether the store still has it so. */
export interface LoadedKeys {
  readonly keys: readonly RingKey[]
  readonly rows: string
  /** Asks for them; built once, because it is asked again and again. */
  readonly query: CompiledQuery<Row>
}

/** The ring, unless it is as it was in `known`. @throws StartError as `loadKeys` */
export async function loadChanged(
  options: KeyRingOptions,
  known: LoadedKeys,
): Promise<LoadedKeys | undefined> {
  const { rows } = await options.store.db.executeQuery(known.query)
  return JSON.stringify(rows) === known.rows ? undefined : open(rows, options, known.query)
}

/** @throws StartError when a key cannot be opened or is not the one it is called. */
export async function loadKeys(options: KeyRingOptions): Promise<LoadedKeys> {
  const query = rowsOf(options)
  const { rows } = await options.store.db.executeQuery(query)
  return open(rows, options, query)
}

function open(rows: readonly Row[], options: KeyRingOptions, query: CompiledQuery<Row>): LoadedKeys {
  const keys = rows
    .map((row) => readKey(row, options))
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
  return { keys, rows: JSON.stringify(rows), query }
}

function rowsOf({ store, ring }: KeyRingOptions): CompiledQuery<Row> {
  return store.db
    .selectFrom('signing_keys')
    .selectAll()
    .where('ring', '=', ring)
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .compile()
}

function readKey(row: Row, { ring, masterKey }: KeyRingOptions): RingKey {
  try {
    const privateKey = createPrivateKey(masterKey.open(row.sealed_key, sealingContext(ring, row.kid)))
    const publicKey = createPublicKey(privateKey)
    // A key under another key's id would verify what it never signed.
    if (publicJwk(publicKey).kid !== row.kid)
      throw new SecretsError('not_authentic', 'a key is not the one it is called')
    const { kid, alg, state, created_at: createdAt, state_since: stateSince } = row
    return { kid, alg, privateKey, publicKey, state, createdAt, stateSince }
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
