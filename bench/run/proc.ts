import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** CPU seconds that these processes and those that they have started themselves have used, while they live. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.flatMap((pid) => [pid, ...childrenOf(pid)]).reduce((sum, pid) => sum + cpuSeconds(pid), 0)
}

/** CPU seconds that the process has used, all threads that live, to the nanosecond; NaN where the system does not tell. */
function cpuSeconds(pid: number): number {
  const threads = entries(`/proc/${pid}/task`)
  if (threads.length === 0) return Number.NaN
  const spent = threads.map((thread) => /^\d+/.exec(read(`/proc/${pid}/task/${thread}/schedstat`))?.[0])
  return spent.reduce((sum, nanoseconds) => sum + Number(nanoseconds) / 1e9, 0)
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Processes that the process has started and that still run. */
function childrenOf(pid: number): readonly number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
}

/** Resident megabytes of the process; NaN where the system does not tell. */
export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]) / 1024
}

/** Seconds in which the core was not idle, whoever used it; NaN where the system does not tell. */
export function busySeconds(core: number): number {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(read('/proc/stat'))?.[1]
  const [user, nice, system, idle, iowait, ...rest] = (line ?? '').split(' ').map(Number)
  if (idle === undefined || iowait === undefined) return Number.NaN
  return (
    [user, nice, system, ...rest.slice(0, 3)].reduce<number>((sum, n) => sum + (n ?? 0), 0) / ticksPerSecond
  )
}
