import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The core of what is measured, and the core that load and upstream share. Undefined: no pinning here. */
export interface Cores {
  readonly contestant: number | undefined
  readonly load: number | undefined
}

/** Cores this process may use, from the kernel's list (`0-1,4`). */
function parseCpuList(list: string): readonly number[] {
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number)
    if (!Number.isInteger(first) || !Number.isInteger(last)) return []
    return Array.from({ length: last - first + 1 }, (_, n) => first + n)
  })
}

export function findCores(): Cores {
  const none = { contestant: undefined, load: undefined }
  if (process.platform !== 'linux') return none
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  const [contestant, load] = parseCpuList(allowed)
  if (contestant === undefined || load === undefined) return none
  return spawnSync('taskset', ['-c', String(contestant), 'true']).status === 0 ? { contestant, load } : none
}
