import { readFileSync, rmSync } from 'node:fs'
import type { PartName } from '@gatehouse/kit/part'
import { publicMode, replaceFile } from '@gatehouse/kit/prepare/files'

export type Urls = Readonly<Record<string, string>>

/** What runs, as design.md section 6 promises it to the outside. */
export interface RunFile {
  readonly gateway: Urls
  readonly idp: Urls
  readonly services: Urls
  readonly pids: Readonly<Record<string, number>>
}

export interface RunningEntry {
  readonly urls: Urls
  readonly pid: number
}

/** Puts together what each part said when it was ready. */
export function runFile(parts: Readonly<Record<PartName, RunningEntry>>): RunFile {
  const { idp, gateway, users, orders, inventory } = parts
  return {
    gateway: pick(gateway.urls, ['public', 'internal', 'admin']),
    idp: pick(idp.urls, ['issuer', 'admin']),
    services: { users: url(users), orders: url(orders), inventory: url(inventory) },
    pids: {
      gateway: gateway.pid,
      idp: idp.pid,
      users: users.pid,
      orders: orders.pid,
      inventory: inventory.pid,
    },
  }
}

/** A reader sees the old one or the new one, never half of one. @throws the file system's error */
export function writeRunFile(path: string, run: RunFile): void {
  replaceFile(path, `${JSON.stringify(run, undefined, 2)}\n`, publicMode)
}

/** One that stays names processes that have ended, and the next start replaces it: no reason to fail at the end. */
export function removeRunFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // A folder, or a file system that has become read-only.
  }
}

/** The process ids in a run file that an earlier start left behind; none when there is no readable one. */
export function readPids(path: string): ReadonlyMap<string, number> {
  try {
    return pidsOf(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    // No file, or not JSON: nothing that a running house wrote.
    return new Map()
  }
}

function pidsOf(run: unknown): ReadonlyMap<string, number> {
  if (typeof run !== 'object' || run === null || !('pids' in run)) return new Map()
  const entries = Object.entries(run.pids ?? {}).flatMap(([part, pid]) =>
    // 0 is a part that could not be started; as a process id it would be this process's own group.
    typeof pid === 'number' && pid > 0 ? [[part, pid] as const] : [],
  )
  return new Map(entries)
}

function pick(urls: Urls, names: readonly string[]): Urls {
  return Object.fromEntries(names.map((name) => [name, urls[name] ?? '']))
}

function url(entry: RunningEntry): string {
  return entry.urls['url'] ?? ''
}
