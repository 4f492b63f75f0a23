import { pino } from 'pino'
import { lossy, type Logger } from '@gatehouse/kit/log'

/** Takes whole lines, in UTF-8. What it is given is not changed afterwards. */
export type LineSink = (lines: Buffer) => void

/**
 * Where a logger writes, for lines that are bytes already. pino's own destination takes text and has Node code it anew at
 * each write, which costs as much as the write; so a second one for bytes is opened on the same file. Both write at once
 * and whatever they are given whole, so that no line ends up within another.
 */
export function lineSink(log: Logger): LineSink {
  const stream: unknown = Reflect.get(log, pino.symbols.streamSym)
  if (!isDestination(stream)) throw new TypeError('the logger has no destination')
  if (!isFile(stream)) return (lines) => stream.write(lines.toString())
  const file: object = lossy({ dest: stream.fd, sync: true, contentMode: 'buffer' })
  if (!takesBytes(file)) throw new TypeError('a destination without write')
  return (lines) => file.write(lines)
}

function isDestination(value: unknown): value is { write(line: string): void } {
  return typeof value === 'object' && value !== null && 'write' in value && typeof value.write === 'function'
}

function isFile(stream: object): stream is { readonly fd: number } {
  return 'fd' in stream && typeof stream.fd === 'number' && stream.fd >= 0
}

function takesBytes(stream: object): stream is { write(bytes: Buffer): void } {
  return isDestination(stream)
}
