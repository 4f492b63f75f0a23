import type { Dialect, Driver } from 'kysely'
import { parseDuration } from '../units.ts'
import { guardDialect } from './guarded.ts'
import { SqliteDialect } from './kysely.ts'
import { NodeSqliteDatabase } from './sqlite-database.ts'
import { SharedDriver } from './sqlite-driver.ts'
import { translateSqliteError } from './sqlite-errors.ts'

const defaultTimeout = '5s'
/** Options have no slash: a question mark before one is in the name of a folder, above which all files would be one. */
const parts = /^sqlite:(.*?)(?:\?([^?/]*))?$/s

/**
 * SQLite through `node:sqlite`: one connection for the whole process (sqlite-driver.ts).
 *
 * WAL with `synchronous = FULL`: what was acknowledged survives a power cut, which `NORMAL` does not promise in
 * WAL mode (a killed process loses nothing in either). `sqlite:<file>?synchronous=normal` trades that for speed;
 * `&timeout=2s` says how long to wait for the lock of another process, and for one's turn in this one (default 5 s).
 * @throws the driver's error when the file cannot be opened or is not a database.
 */
export function sqliteDialect(url: string): Dialect {
  const { file, synchronous, timeoutMs } = readUrl(url)
  const database = new NodeSqliteDatabase(file, synchronous)
  return guardDialect(new SharedDialect(database, timeoutMs), translateSqliteError)
}

function readUrl(url: string): { file: string; synchronous: 'full' | 'normal'; timeoutMs: number } {
  const [, file = '', query = ''] = parts.exec(url) ?? []
  const options = new URLSearchParams(query)
  for (const name of options.keys())
    if (name !== 'synchronous' && name !== 'timeout')
      throw new TypeError(`a SQLite store has no option ${name}`)
  const synchronous = options.get('synchronous') ?? 'full'
  const timeoutMs = parseDuration(options.get('timeout') ?? defaultTimeout)
  if (file === '' || (synchronous !== 'full' && synchronous !== 'normal')) {
    throw new TypeError('a SQLite store is written sqlite:<file>?synchronous=full|normal')
  }
  return { file, synchronous, timeoutMs }
}

class SharedDialect extends SqliteDialect {
  readonly #database: NodeSqliteDatabase
  readonly #timeoutMs: number

  constructor(database: NodeSqliteDatabase, timeoutMs: number) {
    super({ database })
    this.#database = database
    this.#timeoutMs = timeoutMs
  }

  override createDriver(): Driver {
    return new SharedDriver(this.#database, this.#timeoutMs)
  }
}
