import type { Clock } from '@gatehouse/kit/clock'
import type { SecurityEvent } from '@gatehouse/kit/events/event'
import type { MasterKey } from '@gatehouse/kit/secrets'
import type { Kysely, Transaction } from 'kysely'
import { errors, Provider, type AdapterPayload } from 'oidc-provider'
import { proofOf } from '../accounts/proof.ts'
import { sessionEnded, sidsOf } from '../events/endings.ts'
import type { Outbox } from '../events/outbox.ts'
import { sealContext } from './artifacts.ts'
import { idHash } from './hash.ts'
import { lockAccount } from './lock-account.ts'
import { lockName } from './lock-name.ts'
import { readPayload } from './payload.ts'
import { endGrantsOf } from './session-grants.ts'
import {
  mergeAuthorizations,
  otherGrantsOf,
  readAuthorizations,
  type Authorizations,
} from './session-merge.ts'
import { leaveUnsaved, refuseCode, renamedFrom } from './session-request.ts'
import type { IdpStore, IdpTables } from './tables.ts'

/** For how long tabs may bring the id that another one has just exchanged. */
const handOverMs = 10_000

export interface SessionsOptions {
  readonly store: IdpStore
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly outbox: Outbox
}

interface Kept {
  readonly id_hash: string
  readonly session: AdapterPayload
}

/**
 * Sessions of the IdP, as many tabs of one browser use them at once. The library reads a session at the beginning of a
 * request, gives it a new id at each sign-in and consent, and writes it back as a whole at the end: of two requests the
 * later one would undo what the earlier one did, and signing out would miss what was lost. Here what a request changed
 * is put on top of what is stored, in one transaction, in every row of the same `uid`.
 */
export class Sessions {
  readonly #options: SessionsOptions
  /** As each request found them. */
  readonly #found = new WeakMap<object, Map<string, Authorizations>>()
  readonly #tokens = new WeakMap<object, { readonly grantId: string; readonly clientId: string }>()

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  /** To be told of each session that is read. */
  noteFound(session: AdapterPayload | undefined): void {
    const { ctx } = Provider
    if (ctx === undefined || session?.uid === undefined) return
    const known = this.#found.get(ctx) ?? new Map<string, Authorizations>()
    // A copy: the library changes what it was given.
    known.set(session.uid, structuredClone(readAuthorizations(session.authorizations)))
    this.#found.set(ctx, known)
  }

  /** To be told of each token that is read, before the session that it ends with. */
  noteToken({ grantId, clientId }: AdapterPayload): void {
    const { ctx } = Provider
    if (ctx !== undefined && grantId !== undefined && clientId !== undefined)
      this.#tokens.set(ctx, { grantId, clientId })
  }

  /**
   * The library knows one grant for each client of a session, and takes a token of any other for one whose session has
   * ended. @returns the session with the grant of the token that was just read, if that is one of its own
   */
  forToken(session: AdapterPayload | undefined): AdapterPayload | undefined {
    const { ctx } = Provider
    const token = ctx === undefined ? undefined : this.#tokens.get(ctx)
    const { authorizations } = session ?? {}
    if (token === undefined || authorizations === undefined) return session
    const { clientId, grantId } = token
    if (!otherGrantsOf(authorizations, clientId).includes(grantId)) return session
    return {
      ...session,
      authorizations: { ...authorizations, [clientId]: { ...authorizations[clientId], grantId } },
    }
  }

  /** Whether this id is only given up for another one: the row goes when the other is written. */
  isRenamed(id: string): boolean {
    const session = Provider.ctx?.oidc.session
    return session !== undefined && session.jti !== id && renamedFrom(session.jti) === idHash(id)
  }

  /**
   * @param ttl seconds until it is of no use any more; undefined: never
   * @throws SessionNotFound when what its person signed in with counts no longer, or it has ended and would give a code
   */
  async save(id: string, session: AdapterPayload, ttl: number | undefined): Promise<void> {
    try {
      await this.#save(id, session, ttl)
    } catch (error) {
      if (error instanceof errors.SessionNotFound) {
        leaveUnsaved()
        await this.#takeDeviceBack()
      }
      throw error
    }
  }

  /** The page that connects a device is answered after the device may ask for its tokens. */
  async #takeDeviceBack(): Promise<void> {
    const code = Provider.ctx?.oidc.entities.DeviceCode
    if (code === undefined) return
    await this.#options.store.db
      .deleteFrom('artifacts')
      .where('model', '=', 'DeviceCode')
      .where('id_hash', '=', idHash(code.jti))
      .execute()
  }

  async #save(id: string, session: AdapterPayload, ttl: number | undefined): Promise<void> {
    const { uid } = session
    if (uid === undefined) throw new TypeError('a session without uid')
    const uid_hash = idHash(uid)
    const expires_at = ttl === undefined ? null : this.#options.clock.now() + ttl * 1000
    await this.#alone(uid_hash, async (trx) => {
      await this.#requireStanding(trx, session.accountId)
      const rows = await this.#ofUid(trx, uid_hash)
      const found = this.#foundOf(uid)
      // Ended meanwhile, by this person or by somebody who may: it does not come back.
      if (found !== undefined && rows.length === 0) return refuseCode()
      const left = readAuthorizations(session.authorizations)
      const authorizations = mergeAuthorizations(found ?? {}, left, union(rows))
      await this.#sayWhatEnded(trx, rows, authorizations)
      const before = renamedFrom(id)
      const isAlive =
        found === undefined || before !== undefined || rows.some((row) => row.id_hash === idHash(id))
      if (isAlive) await this.#write(trx, { id, uid_hash, expires_at }, session, authorizations)
      for (const row of rows) {
        if (row.id_hash === idHash(id)) continue
        if (row.id_hash !== before) await this.#update(trx, row, authorizations)
        else if (isSamePerson(row.session, session)) await this.#phaseOut(trx, row, authorizations)
        else await deleteRow(trx, before)
      }
    })
  }

  /** Ends a session under whichever of its ids, with its grants, and tells of it. @param id_hash how others know it */
  async end(id_hash: string): Promise<void> {
    await this.#options.store.db.transaction().execute((trx) => this.endIn(trx, id_hash))
  }

  /** The same in a transaction that does more. @returns whether there was one */
  async endIn(trx: Transaction<IdpTables>, id_hash: string): Promise<boolean> {
    const row = await rowsOf(trx).where('id_hash', '=', id_hash).executeTakeFirst()
    const uid_hash = row?.uid_hash ?? undefined
    if (uid_hash === undefined) return false
    await lockName(trx, this.#options.store, uid_hash)
    const found = await this.#ofUid(trx, uid_hash)
    await lockAccount(trx, this.#options.store, found[0]?.session.accountId)
    await trx
      .deleteFrom('artifacts')
      .where('model', '=', 'Session')
      .where('uid_hash', '=', uid_hash)
      .execute()
    await this.#sayWhatEnded(trx, found, {}, await endGrantsOf(trx, found))
    return true
  }

  /**
   * Whatever ends an account's sessions changes the account first. From here on it waits for this session, or was here before
   * it: then nobody comes in by the password of before.
   */
  async #requireStanding(trx: Transaction<IdpTables>, accountId: string | undefined): Promise<void> {
    const isShared = this.#options.store.dialect === 'postgres'
    const login = Provider.ctx?.oidc.result?.login
    if (accountId === undefined || (login === undefined && !isShared)) return
    const query = trx.selectFrom('accounts').select(['password_hash', 'disabled']).where('id', '=', accountId)
    const account = await (isShared ? query.forShare() : query).executeTakeFirst()
    if (login === undefined || login.accountId !== accountId) return
    if (account?.disabled === 0 && proofOf(account.password_hash) === login['proof']) return
    throw new errors.SessionNotFound('the account has changed since its person signed in')
  }

  #foundOf(uid: string): Authorizations | undefined {
    const { ctx } = Provider
    return ctx === undefined ? undefined : this.#found.get(ctx)?.get(uid)
  }

  #alone(uid_hash: string, work: (trx: Transaction<IdpTables>) => Promise<void>): Promise<void> {
    return this.#options.store.db.transaction().execute(async (trx) => {
      await lockName(trx, this.#options.store, uid_hash)
      await work(trx)
    })
  }

  async #ofUid(trx: Transaction<IdpTables>, uid_hash: string): Promise<readonly Kept[]> {
    const rows = await rowsOf(trx).where('uid_hash', '=', uid_hash).execute()
    return rows.map(({ id_hash, payload_sealed }) => {
      const text = this.#options.masterKey.open(payload_sealed, sealContext('Session', id_hash))
      return { id_hash, session: readPayload(text) }
    })
  }

  async #sayWhatEnded(
    trx: Transaction<IdpTables>,
    rows: readonly Kept[],
    left: Authorizations,
    more: readonly SecurityEvent[] = [],
  ): Promise<void> {
    const kept = new Set(sidsOf(left))
    const events = rows.flatMap(({ session }) => sessionEnded(session, kept))
    const bySid = new Map(events.map((event) => [JSON.stringify(event), event]))
    await this.#options.outbox.appendAll(trx, [...bySid.values(), ...more])
  }

  async #write(
    trx: Transaction<IdpTables>,
    { id, uid_hash, expires_at }: { id: string; uid_hash: string; expires_at: number | null },
    session: AdapterPayload,
    authorizations: Authorizations,
  ): Promise<void> {
    const id_hash = idHash(id)
    const payload_sealed = this.#seal(id_hash, session, authorizations)
    const row = { payload_sealed, uid_hash, account_id: session.accountId ?? null, expires_at }
    await trx
      .insertInto('artifacts')
      .values({ model: 'Session', id_hash, ...row })
      .onConflict((conflict) => conflict.columns(['model', 'id_hash']).doUpdateSet(row))
      .execute()
  }

  async #update(trx: Transaction<IdpTables>, { id_hash, session }: Kept, authorizations: Authorizations) {
    await trx
      .updateTable('artifacts')
      .set({ payload_sealed: this.#seal(id_hash, session, authorizations) })
      .where('model', '=', 'Session')
      .where('id_hash', '=', id_hash)
      .execute()
  }

  /**
   * An id that was given up while the same person was signed in, as at a consent: tabs that were on their way with it
   * are still served. One from before the sign-in is worth nothing from then on.
   */
  async #phaseOut(trx: Transaction<IdpTables>, { id_hash, session }: Kept, authorizations: Authorizations) {
    const until = Math.min(
      session.exp ?? Infinity,
      Math.floor((this.#options.clock.now() + handOverMs) / 1000),
    )
    const payload_sealed = this.#seal(id_hash, { ...session, exp: until }, authorizations)
    await trx
      .updateTable('artifacts')
      .set({ payload_sealed, expires_at: until * 1000 })
      .where('model', '=', 'Session')
      .where('id_hash', '=', id_hash)
      .execute()
  }

  #seal(id_hash: string, session: AdapterPayload, authorizations: Authorizations): string {
    const text = JSON.stringify({ ...session, authorizations })
    return this.#options.masterKey.seal(text, sealContext('Session', id_hash))
  }
}

/** What all rows of one session know together; undefined when there is none. */
function union(rows: readonly Kept[]): Authorizations | undefined {
  if (rows.length === 0) return undefined
  return Object.assign({}, ...rows.map(({ session }) => readAuthorizations(session.authorizations)))
}

function isSamePerson(before: AdapterPayload, after: AdapterPayload): boolean {
  return (
    before.accountId !== undefined && before.accountId === after.accountId && before.loginTs === after.loginTs
  )
}

function rowsOf(db: Kysely<IdpTables>) {
  return db
    .selectFrom('artifacts')
    .select(['id_hash', 'uid_hash', 'payload_sealed'])
    .where('model', '=', 'Session')
}

async function deleteRow(trx: Transaction<IdpTables>, id_hash: string): Promise<void> {
  await trx.deleteFrom('artifacts').where('model', '=', 'Session').where('id_hash', '=', id_hash).execute()
}
