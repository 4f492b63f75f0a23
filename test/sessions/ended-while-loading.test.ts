import { createLogger } from '@gatehouse/kit/log'
import { MasterKey } from '@gatehouse/kit/secrets'
import { openStore } from '@gatehouse/kit/store/open'
import { readAccessClaims } from '@gatehouse/kit/tokens/claims'
import { parseUnverified } from '@gatehouse/kit/tokens/strict-jws'
import t from 'tap'
import { RevocationIndex } from '../../gateway/revocation/index.ts'
import type { RelyingParty } from '../../gateway/sessions/relying-party.ts'
import { Renewals } from '../../gateway/sessions/renewal.ts'
import { sessionKey } from '../../gateway/sessions/session-id.ts'
import { SqlSessionStore } from '../../gateway/sessions/session-store.ts'
import { openSession, sealRecord } from '../../gateway/sessions/session.ts'
import { Sessions } from '../../gateway/sessions/sessions.ts'
import { sessionsMigration, type SessionTables } from '../../gateway/sessions/tables.ts'
import { forge } from '../fixtures/tokens.ts'

const expected = { issuer: 'http://localhost:3001', audience: 'urn:gatehouse:api' }
const log = createLogger({ name: 'test', level: 'silent' })

/** A store that is slow to write down when a session was last seen. */
class SlowStore extends SqlSessionStore {
  readonly touched = Promise.withResolvers<void>()
  readonly mayGoOn = Promise.withResolvers<void>()

  override async touch(idHash: string, lastSeenAt: number): Promise<void> {
    this.touched.resolve()
    await this.mayGoOn.promise
    await super.touch(idHash, lastSeenAt)
  }
}

const notAsked = () => Promise.reject(new Error('nobody asks the identity server here'))
const relyingParty: RelyingParty = {
  authorizationUrl: notAsked,
  redeem: notAsked,
  refresh: notAsked,
  clientCredentials: notAsked,
  revoke: notAsked,
  introspect: notAsked,
  endLogin: notAsked,
  endSessionUrl: notAsked,
  close: async () => undefined,
}

t.test('a session that ends while it is looked up does not come back into memory', async (t) => {
  const clock = { time: 1_795_000_000_000, now: () => clock.time }
  const migrations = [sessionsMigration(1)]
  const opened = await openStore<SessionTables>({ url: 'sqlite::memory:', migrations, log })
  t.teardown(() => opened.close())
  const store = new SlowStore(opened.db)
  const masterKey = MasterKey.generate()
  const renewals = new Renewals({
    store,
    relyingParty,
    clock,
    log,
    verifyAccessToken: notAsked,
    seal: (record, key) => sealRecord(record, key, masterKey),
    open: (row) => openSession(row, masterKey, expected),
    count: () => undefined,
  })
  const revocation = new RevocationIndex({ clock, log, retentionMs: 600_000 })
  const limits = { idleMs: 3_600_000, absoluteMs: 36_000_000, perAccount: 5 }
  const sessions = new Sessions(
    { store, masterKey, clock, log, revocation, ...limits, ...expected },
    renewals,
  )
  const iat = clock.time / 1000
  const payload = {
    iss: expected.issuer,
    aud: expected.audience,
    sub: 'acc-alice',
    client_id: 'gateway',
    scope: 'orders:read',
    jti: 'jti-1',
    iat,
    exp: iat + 3600,
  }
  const accessToken = forge({ header: { alg: 'ES256', kid: 'k1', typ: 'at+jwt' }, payload })
  const claims = readAccessClaims(parseUnverified(accessToken).payload, {
    ...expected,
    now: clock.time,
    toleranceMs: 0,
  })
  const key = sessionKey(await sessions.create({ accessToken, signedInAt: clock.time }, claims, 'sid-1'))
  clock.time += 60_000
  const found = sessions.get(key)
  await store.touched.promise
  t.equal(await sessions.end(key), true)
  store.mayGoOn.resolve()
  t.equal(await found, undefined)
  t.equal(sessions.peek(key), undefined)
  t.equal(await sessions.get(key), undefined)
})
