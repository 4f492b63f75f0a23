import { systemClock } from '@gatehouse/kit/clock'
import { createLogger } from '@gatehouse/kit/log'
import { MasterKey } from '@gatehouse/kit/secrets'
import { openStore } from '@gatehouse/kit/store/open'
import { DatabaseSync } from 'node:sqlite'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { SqlSessionStore } from '../../gateway/sessions/session-store.ts'
import { sessionsMigration } from '../../gateway/sessions/tables.ts'
import type { SessionTables } from '../../gateway/sessions/tables.ts'
import { Accounts } from '../../idp/accounts/accounts.ts'
import { ArtifactStatements } from '../../idp/storage/artifact-statements.ts'
import { idpMigrations } from '../../idp/storage/migrations.ts'
import type { IdpTables } from '../../idp/storage/tables.ts'
import { fillOf, keyOf } from '../suites/growth/fill.ts'
import { announce } from './settings.ts'

// The stores of sessions, accounts and grants at one size: filled by the database itself, then opened and asked as the
// parts do, as often as it is told. One operation at a time, so that each waits for its own statement only.

const Options = Type.Object({
  kind: Type.Union([Type.Literal('sessions'), Type.Literal('accounts'), Type.Literal('grants')]),
  file: Type.String(),
  size: Type.Number(),
})
const Ask = Type.Object({ operations: Type.Number() })
const { kind, file, size } = Value.Parse(Options, JSON.parse(process.argv[2] ?? '{}'))
const log = createLogger({ name: 'bench', level: 'warn' })
const clock = systemClock
// How long a disk takes to sync has nothing to do with how much is stored.
const url = `sqlite:${file}?synchronous=normal`

interface Opened {
  /** The one thing done for the nth row that is there. */
  readonly operation: (n: number) => Promise<void>
  readonly close: () => Promise<void>
}

function found(row: unknown): void {
  if (row === undefined) throw new Error('a row that was put in was not found')
}

async function openSessions(): Promise<Opened> {
  const store = await openStore<SessionTables>({ url, migrations: [sessionsMigration(1)], log })
  const sessions = new SqlSessionStore(store.db)
  return {
    close: () => store.close(),
    operation: async (n) => {
      found(await sessions.find(keyOf(n)))
      await sessions.touch(keyOf(n), clock.now())
    },
  }
}

async function openIdp(): Promise<Opened> {
  const store = await openStore<IdpTables>({ url, migrations: idpMigrations, log })
  const close = (): Promise<void> => store.close()
  if (kind === 'accounts') {
    const accounts = new Accounts({ store, masterKey: MasterKey.generate(), clock })
    const operation = async (n: number): Promise<void> => {
      found(await accounts.findByUsername(`person-${keyOf(n)}`))
      found(await accounts.find(keyOf(n)))
    }
    return { close, operation }
  }
  const artifacts = new ArtifactStatements(store, clock)
  return {
    close,
    operation: async (n) => {
      const row = await artifacts.find('Grant', keyOf(n))
      found(row)
      const { id_hash, payload_sealed } = row ?? { id_hash: '', payload_sealed: '' }
      const owner = { account_id: keyOf(n), client_id: 'bench', uid_hash: null, user_code_hash: null }
      await artifacts.save({
        ...owner,
        model: 'Grant',
        id_hash,
        payload_sealed,
        grant_hash: id_hash,
        expires_at: clock.now() + 3_600_000,
      })
    },
  }
}

const open = (): Promise<Opened> => (kind === 'sessions' ? openSessions() : openIdp())

async function fill(): Promise<void> {
  await (await open()).close()
  const database = new DatabaseSync(file)
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -400000')
  database.exec(fillOf(kind, 0, size))
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
}

async function filled(): Promise<Opened & { readonly readySeconds: number }> {
  await fill()
  const started = performance.now()
  const opened = await open()
  return { ...opened, readySeconds: (performance.now() - started) / 1000 }
}

let store: ReturnType<typeof filled> | undefined

/** The first one fills the store, too. */
async function measure({ operations }: Type.Static<typeof Ask>): Promise<object> {
  store ??= filled()
  const { operation, readySeconds } = await store
  const timed = async (): Promise<number> => {
    const begun = performance.now()
    await operation(Math.floor(Math.random() * size))
    return (performance.now() - begun) * 1000
  }
  const times = new Float64Array(operations)
  const cpu = process.cpuUsage()
  for (let n = 0; n < operations; n += 1) times[n] = await timed()
  const { user, system } = process.cpuUsage(cpu)
  const megabytes = process.memoryUsage().rss / 2 ** 20
  times.sort()
  const at = (q: number): number => times[Math.floor((operations - 1) * q)] ?? Number.NaN
  const perSecond = 1e6 / (times.reduce((sum, time) => sum + time, 0) / operations)
  return { size, us: (user + system) / operations, p99Us: at(0.99), perSecond, megabytes, readySeconds }
}

process.on('message', (message) => {
  measure(Value.Parse(Ask, message)).then(
    (measured) => process.send?.(measured),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
      process.exit(1)
    },
  )
})
announce(0)
