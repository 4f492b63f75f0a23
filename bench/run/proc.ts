import { readFileSync } from 'node:fs'

const ticksPerSecond = 100

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** CPU seconds that the process has used, all threads; NaN where the system does not tell. */
export function cpuSeconds(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Processes that the process has started and that still run. */
export function childrenOf(pid: number): readonly number[] {
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
