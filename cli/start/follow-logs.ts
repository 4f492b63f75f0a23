import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
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
  let unfinished = ''
  return () => {
    const added = readFrom(path, position)
    position = added.end
    const lines = (unfinished + added.text).split('\n')
    unfinished = lines.pop() ?? ''
    for (const line of lines) terminal.out(`${part.padEnd(9)} | ${line}`)
  }
}

function readFrom(path: string, position: number): { readonly text: string; readonly end: number } {
  if (!existsSync(path)) return { text: '', end: 0 }
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    // Smaller than before: it was cut (log-file.ts), so all of it is new.
    const start = size < position ? 0 : position
    const bytes = Buffer.alloc(size - start)
    readSync(file, bytes, 0, bytes.length, start)
    return { text: bytes.toString('utf8'), end: size }
  } finally {
    closeSync(file)
  }
}
