import { setTimeout as delay } from 'node:timers/promises'
import type { IdpAudit } from '../audit.ts'
import type { Logger } from '@gatehouse/kit/log'
import type { Transaction } from 'kysely'
import { tellOfLogout, type ToldLogin } from '../provider/internals.ts'
import type { ProviderHost } from '../provider/host.ts'
import type { Artifacts } from '../storage/artifacts.ts'
import { idHash } from '../storage/hash.ts'
import type { Sessions } from '../storage/sessions.ts'
import type { IdpStore, IdpTables } from '../storage/tables.ts'
import { partsOf, type Part } from './login.ts'

/** How long whoever ends a login waits for its clients to hear of it; they are told all the same. */
const patienceMs = 1_500

export interface EndLoginDeps {
  readonly store: IdpStore
  readonly artifacts: Artifacts
  readonly sessions: Sessions
  readonly host: ProviderHost
  readonly audit: IdpAudit
  readonly log: Logger
}

type TellDeps = Pick<EndLoginDeps, 'host' | 'log'>

/** The login that a client knows under a `sid`. */
export interface Login {
  readonly clientId: string
  readonly sub: string
  readonly sid: string
}

/**
 * Ends a login as RP-Initiated Logout does once the person has agreed: the session, the grants that came from it (but
 * those for offline access), and every client is told by a logout token (Back-Channel Logout 1.0).
 * @returns whether there was one. @throws StoreError
 */
export async function endLogin(deps: EndLoginDeps, login: Login, txn: string): Promise<boolean> {
  const { artifacts, sessions, audit, store } = deps
  const session = (await artifacts.sessionsOf(login.sub)).find((one) =>
    partsOf(one).some(({ clientId, sid }) => clientId === login.clientId && sid === login.sid),
  )
  if (session?.jti === undefined) return false
  const ended = idHash(session.jti)
  const isEnded = await store.db.transaction().execute(async (trx) => {
    if (!(await sessions.endIn(trx, ended))) return false
    const { clientId, sub } = login
    const details = { client_id: clientId }
    await audit.appendIn(trx, { action: 'session.ended', actor: sub, subject: sub, txn, details })
    return true
  })
  if (isEnded) await tellClients(deps, login.sub, partsOf(session))
  return isEnded
}

/**
 * The clients of a person's sessions, which are about to end.
 * @param trx the transaction in which they end
 * @param kept id of the session that does not
 */
export async function partsOfPerson(
  artifacts: Artifacts,
  accountId: string,
  trx: Transaction<IdpTables>,
  kept?: string,
): Promise<readonly Part[]> {
  const sessions = await artifacts.ofAccount('Session', accountId, trx)
  const keptUid = sessions.find(({ jti }) => jti === kept)?.uid
  // A session that got another id is there twice for a while.
  const ended = sessions.filter(({ uid }) => keptUid === undefined || uid !== keptUid).flatMap(partsOf)
  return [...new Map(ended.map((part) => [JSON.stringify([part.clientId, part.sid]), part])).values()]
}

/**
 * Tells the clients of a session that it has ended, and waits for them a little.
 * @param names of an account that is gone (ToldLogin)
 */
export async function tellClients(
  deps: TellDeps,
  sub: string,
  parts: readonly Part[],
  names?: ReadonlyMap<string, string>,
): Promise<void> {
  const told = Promise.all(parts.map(({ clientId, sid }) => tell(deps, { clientId, sid, sub, names })))
  await Promise.race([told, delay(patienceMs, undefined, { ref: false })])
}

async function tell({ host, log }: TellDeps, login: ToldLogin): Promise<void> {
  try {
    await tellOfLogout(host.provider, login)
  } catch (err) {
    log.warn({ client_id: login.clientId, err }, 'a client was not told that a login ended')
  }
}
