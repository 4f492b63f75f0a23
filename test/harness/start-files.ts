import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord } from './json.ts'

/** What lies in a data folder that the outside may read (design.md, section 6). */
export function readDataFile(dataDir: string, name: string): unknown {
  return JSON.parse(readFileSync(join(dataDir, name), 'utf8'))
}

/** The permission bits, such as `0600`. */
export function modeOf(dataDir: string, name: string): string {
  return `0${(statSync(join(dataDir, name)).mode & 0o777).toString(8)}`
}

/** Process ids by part, from run.json. */
export function pidsIn(dataDir: string): Readonly<Record<string, number>> {
  const run = readDataFile(dataDir, 'run.json')
  const pids = isRecord(run) && isRecord(run['pids']) ? run['pids'] : {}
  return Object.fromEntries(Object.entries(pids).map(([part, pid]) => [part, Number(pid)]))
}
