import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { type PartName, partNames } from '@gatehouse/kit/part'
import type { Terminal } from '../command.ts'

const everyMs = 200

/** Prints what the parts add to their logs, each line with its part's name; answers how to stop it. */
export function followLogs(source: { logFile(part: PartName): string }, terminal: Terminal): () => void {
  const followers = partNames.map((part) => follower(part, source.logFile(part), terminal))
  const look = () => followers.forEach((each) => each())
  const timer = setInterval(look, everyMs)
  return () => {
    clearInterval(timer)
    look()
  }
}

function follower(part: PartName, path: string, terminal: Terminal): () => void {
  let position = 0
  let unfinished: Uint8Array = new Uint8Array()
  return () => {
    const added = addedTo(path, position)
    position = added.end
    const bytes = Buffer.concat([unfinished, added.bytes])
    // Between lines: a letter may be written in two pieces.
    const whole = bytes.lastIndexOf('\n')
    unfinished = bytes.subarray(whole + 1)
    if (whole === -1) return
    for (const line of bytes.subarray(0, whole).toString('utf8').split('\n'))
      terminal.out(`${part.padEnd(9)} | ${line}`)
  }
}

function addedTo(path: string, position: number): { readonly bytes: Uint8Array; readonly end: number } {
  const added = readFrom(path, position)
  if (added !== undefined) return { bytes: added, end: position + added.length }
  // Smaller than before: it was cut, and what was not read yet has been moved aside (log-file.ts).
  const left = readFrom(`${path}.1`, position) ?? new Uint8Array()
  const anew = readFrom(path, 0) ?? new Uint8Array()
  return { bytes: Buffer.concat([left, anew]), end: anew.length }
}

/** From there to the end; nothing of a file that cannot be read; undefined where it ends before. */
function readFrom(path: string, position: number): Uint8Array | undefined {
  const file = openIfFile(path)
  if (file === undefined) return position === 0 ? new Uint8Array() : undefined
  try {
    const { size } = fstatSync(file)
    if (size < position) return undefined
    const bytes = Buffer.alloc(size - position)
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, position))
  } finally {
    closeSync(file)
  }
}

function openIfFile(path: string): number | undefined {
  try {
    return statSync(path).isFile() ? openSync(path, 'r') : undefined
  } catch {
    return undefined
  }
}
