import { DatabaseSync } from 'node:sqlite'

/** https://www.sqlite.org/rescode.html#busy */
const busy = 5

/**
 * Holds a file for this process, until it is released or the process ends, however that happens: Node has no locks of its
 * own, and SQLite's are the system's. Where the file system has none, nobody is kept out.
 * @param patienceMs how long to wait, with all of this thread, for somebody else who holds it
 * @returns releases it; undefined when somebody else holds it.
 */
export function tryLock(file: string, patienceMs = 0): (() => void) | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: patienceMs })
    // No file beside it, which would stay when this process is killed; `off` is refused since Node 24.
    database.exec('pragma journal_mode = memory; begin exclusive')
  } catch (error) {
    database?.close()
    const isHeld = error instanceof Error && 'errcode' in error && error.errcode === busy
    return isHeld ? undefined : () => undefined
  }
  const held = database
  return () => held.close()
}
