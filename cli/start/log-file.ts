import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '@gatehouse/kit/prepare/files'
import { isRecord } from '../json.ts'

/** A part's log is cut when it is larger than this; the one before it is kept as `<name>.log.1`. */
const maxBytes = 32 * 1024 * 1024
const tailBytes = 8 * 1024

/**
 * Opens a part's log for appending. The part writes to the file itself, so that a request's log line costs the
 * supervisor nothing. What an earlier start wrote is kept as `.1`.
 */
export function openLog(path: string, fresh: boolean): number {
  if (fresh && existsSync(path)) renameSync(path, `${path}.1`)
  // Somebody may have removed the folder since the start; a part that is started again must not fail for that.
  makeFolder(dirname(path))
  return openSync(path, 'a', 0o600)
}

/**
 * Keeps a log bounded while the part holds it open: copied aside, then emptied in place (it is opened to append). One that
 * cannot be cut, such as a file for appending only (`chattr +a`), grows: no reason to end what writes it.
 */
export function boundLog(path: string): void {
  const file = isTooLarge(path) ? openForCutting(path) : undefined
  if (file === undefined) return
  try {
    copyFileSync(path, `${path}.1`)
  } catch {
    // Most likely the disk is full: then what is cut is not kept, and makes room.
  }
  ftruncateSync(file)
  closeSync(file)
}

function isTooLarge(path: string): boolean {
  try {
    return statSync(path).size > maxBytes
  } catch {
    // Removed, or the folder is somebody else's now.
    return false
  }
}

function openForCutting(path: string): number | undefined {
  try {
    return openSync(path, 'r+')
  } catch {
    return undefined
  }
}

/** The last lines that a part wrote, for saying why it is late. */
export function lastLines(path: string, count: number): readonly string[] {
  return tail(path, 0).slice(-count)
}

/** The last error in what was written behind `from` (bytes), in words: a log line's message, or what Node printed. */
export function lastError(path: string, from: number): string | undefined {
  for (const line of tail(path, from).toReversed()) {
    const said = errorIn(line)
    if (said !== undefined) return said
  }
  return undefined
}

/** What a part has warned of since its log began. */
export function warnings(path: string): readonly string[] {
  return tail(path, 0).flatMap((line) => messageIn(line, ['warn']) ?? [])
}

/** The last thing that did not work, with its cause; nothing where all did. */
export function lastTrouble(path: string): readonly string[] {
  const entries = tail(path, 0).map(entryIn)
  const last = entries.findLast((entry) => entry?.['level'] === 'warn' || entry?.['level'] === 'error')
  return last === undefined ? [] : [[String(last['msg']), ...causeOf(last['err'])].join(': ')]
}

/** The innermost message: what the system said. */
function causeOf(error: unknown): readonly string[] {
  if (!isRecord(error)) return []
  const inner = causeOf(error['cause'])
  return inner.length === 0 && typeof error['message'] === 'string' ? [error['message']] : inner
}

function errorIn(line: string): string | undefined {
  if (!line.startsWith('{')) return /^(?:Uncaught )?\w*Error\b/.test(line) ? line : undefined
  return messageIn(line, ['error', 'fatal'])
}

function messageIn(line: string, levels: readonly unknown[]): string | undefined {
  const entry = entryIn(line)
  if (entry === undefined || !('msg' in entry)) return undefined
  return levels.includes(entry['level']) ? String(entry['msg']) : undefined
}

function entryIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    return isRecord(entry) ? entry : undefined
  } catch {
    // The tail begins in the middle of a line.
    return undefined
  }
}

/** Nothing of a log that cannot be read: what it would have told is no reason to end a house. */
function tail(path: string, from: number): readonly string[] {
  try {
    return linesIn(path, from)
  } catch {
    return []
  }
}

function linesIn(path: string, from: number): readonly string[] {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const start = Math.max(from <= size ? from : 0, size - tailBytes)
    const bytes = Buffer.alloc(size - start)
    readSync(file, bytes, 0, bytes.length, start)
    return bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
  } finally {
    closeSync(file)
  }
}
