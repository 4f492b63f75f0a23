import type { Logger } from '@gatehouse/kit/log'
import { StoreError } from '@gatehouse/kit/store/errors'
import { Valkey } from 'iovalkey'
import { isNoPrimary } from '../valkey.ts'
import type { SessionRow, SessionStore } from './session-storage.ts'
import { prefix, scripts, type ScriptName } from './valkey-scripts.ts'

const sweepLimit = 500
const timeoutMs = 2000
const longestPauseMs = 1000

type Arguments = readonly (string | number)[]

/** Sessions on Valkey or Redis, for gateways on many machines. Each change is one script, which nothing interrupts. */
export class ValkeySessionStore implements SessionStore {
  readonly #client: Valkey

  /** Connects in the background: until then, and whenever the server is away, every call throws `StoreError`. */
  constructor(url: string, log: Logger) {
    this.#client = new Valkey(url, {
      connectTimeout: timeoutMs,
      commandTimeout: timeoutMs,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(attempt * 50, longestPauseMs),
      reconnectOnError: isNoPrimary,
    })
    // Each request that fails says so; this keeps the event from ending the process.
    this.#client.on('error', (error: Error) => log.debug({ err: error }, 'the session store is away'))
  }

  async insert(row: SessionRow): Promise<void> {
    const columns = Object.entries(row).flat()
    await this.#run('insert', [row.id_hash, row.sid, row.sub, row.ends_at, row.last_seen_at, ...columns])
  }

  async find(idHash: string): Promise<SessionRow | undefined> {
    const found = await guarded(this.#client.hgetall(`${prefix}session:${idHash}`))
    return readRow(found)
  }

  async lastSeen(idHashes: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const seen = await Promise.all(
      idHashes.map((id) => guarded(this.#client.hget(`${prefix}session:${id}`, 'last_seen_at'))),
    )
    return new Map(idHashes.flatMap((id, at) => pair(id, seen[at])))
  }

  async ofAccount(sub: string): Promise<readonly SessionRow[]> {
    const ids = await guarded(this.#client.zrevrange(`${prefix}sub:${sub}`, 0, -1))
    const rows = await Promise.all(ids.map((id) => this.find(id)))
    return rows.filter((row) => row !== undefined)
  }

  async touch(idHash: string, lastSeenAt: number): Promise<void> {
    await this.#run('touch', [idHash, lastSeenAt])
  }

  takeLease(
    row: Pick<SessionRow, 'id_hash' | 'version'>,
    owner: string,
    now: number,
    leaseUntil: number,
  ): Promise<boolean> {
    return this.#did('takeLease', [row.id_hash, row.version, owner, now, leaseUntil])
  }

  saveRenewal(row: Pick<SessionRow, 'id_hash' | 'version'>, owner: string, record: string): Promise<boolean> {
    return this.#did('saveRenewal', [row.id_hash, row.version, owner, record, row.version + 1])
  }

  async releaseLease(idHash: string, owner: string): Promise<void> {
    await this.#run('releaseLease', [idHash, owner])
  }

  delete(idHash: string): Promise<boolean> {
    return this.#did('delete', [idHash])
  }

  async deleteBy(column: 'sid' | 'sub', value: string): Promise<readonly string[]> {
    return texts(await this.#run('deleteBy', [`${column}:${value}`]))
  }

  useOnce(id: string, expiresAt: number): Promise<boolean> {
    return this.#did('useOnce', [id, expiresAt])
  }

  async sweep(now: number, idleSince: number): Promise<number> {
    return Number(await this.#run('sweep', [now, idleSince, sweepLimit]))
  }

  close(): void {
    this.#client.disconnect()
  }

  async #did(script: ScriptName, values: Arguments): Promise<boolean> {
    return (await this.#run(script, values)) === 1
  }

  // One key that all the others share their slot with: a cluster needs to know where the script runs.
  #run(script: ScriptName, values: Arguments): Promise<unknown> {
    return guarded(this.#client.eval(scripts[script], 1, prefix, ...values))
  }
}

async function guarded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    // Its messages may carry arguments.
    throw new StoreError(error instanceof Error && 'code' in error ? String(error.code) : 'VALKEY')
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function pair(id: string, seenAt: string | null | undefined): readonly (readonly [string, number])[] {
  return seenAt === null || seenAt === undefined ? [] : [[id, Number(seenAt)]]
}

function readRow(found: Readonly<Record<string, string>>): SessionRow | undefined {
  const { id_hash, sid, sub, record, lease_owner } = found
  if (id_hash === undefined || sid === undefined || sub === undefined || record === undefined)
    return undefined
  return {
    id_hash,
    sid,
    sub,
    record,
    version: Number(found['version']),
    last_seen_at: Number(found['last_seen_at']),
    ends_at: Number(found['ends_at']),
    lease_until: Number(found['lease_until']),
    lease_owner: lease_owner ?? '',
  }
}
