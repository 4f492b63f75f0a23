import { readFileSync } from 'node:fs'
import { StartError } from '@gatehouse/kit/errors'
import type { DataPaths } from '@gatehouse/kit/paths'
import { tryLock } from '@gatehouse/kit/prepare/lock'
import { readPids } from './run-file.ts'

const hint = 'Stop that one first, or start this one elsewhere with GATEHOUSE_DATA and GATEHOUSE_PORT_BASE.'

/** Two houses on one data folder would share databases and overwrite each other's run.json. */
export function checkNotRunning(paths: DataPaths): void {
  const alive = [...readPids(paths.runJson)].filter(([part, pid]) => isAlive(pid) && looksLike(part, pid))
  if (alive.length === 0) return
  const pids = alive.map(([part, pid]) => `${part} ${pid}`)
  throw new StartError(`another Gatehouse runs on the data folder ${paths.dir} (${pids.join(', ')})`, {
    hint,
  })
}

/** run.json tells of those that are ready; this keeps apart those that start at the same moment. @throws StartError */
export function holdFolder(paths: DataPaths): () => void {
  const release = tryLock(paths.startLock)
  if (release !== undefined) return release
  throw new StartError(`another Gatehouse starts or runs on the data folder ${paths.dir}`, { hint })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Process ids are reused, in containers at once; where the system tells, the command line must be a part's. */
function looksLike(part: string, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${part}/main.ts`)
  } catch {
    return true
  }
}
