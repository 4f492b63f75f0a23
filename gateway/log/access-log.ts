import type { Logger } from '@gatehouse/kit/log'
import { IsoTime } from './iso-time.ts'
import { lineSink, type LineSink } from './line-sink.ts'

/** What is told of one request. `undefined` members are left out. */
export interface AccessEntry {
  readonly txn: string
  readonly method: string
  /** In canonical form, without the query, which may hold what nobody should read. */
  readonly path: string
  readonly route?: string | undefined
  readonly status: number
  readonly ms: number
  readonly bytes: number
  readonly address?: string | undefined
  readonly authn?: string | undefined
  readonly sub?: string | undefined
  readonly clientId?: string | undefined
  readonly sid?: string | undefined
  readonly upstream?: string | undefined
  /** The transaction that the service's token names, where that is not this one. */
  readonly tokenTxn?: string | undefined
  /** The problem's, if one was answered or met. */
  readonly code?: string | undefined
  /** What the caller does not get to see: the reason of a refused token, the code of a network error. */
  readonly reason?: string | undefined
  /** The workload that asked, at the internal door. */
  readonly peer?: string | undefined
}

const flushBytes = 64 * 1024
const flushMs = 50
/** UTF-8 has no more for a character of a JavaScript string. */
const bytesPerCharacter = 3

/**
 * One line for each request, built as text and handed to pino's own destination in batches: `pino.info(object)`
 * costs five times as much (performance.md). At most 50 ms of lines are lost if the process is killed.
 */
export class AccessLog {
  readonly #sink: LineSink | undefined
  readonly #head: string
  readonly #time = new IsoTime()
  #pending = Buffer.allocUnsafeSlow(flushBytes)
  #length = 0
  #timer: NodeJS.Timeout | undefined

  constructor(log: Logger, name: string) {
    this.#sink = log.isLevelEnabled('info') ? lineSink(log) : undefined
    this.#head = `","name":${JSON.stringify(name)},"pid":${process.pid},"msg":"request","txn":"`
  }

  write(entry: AccessEntry): void {
    if (this.#sink === undefined) return
    const line = this.#line(entry)
    const room = line.length * bytesPerCharacter
    if (this.#length + room > flushBytes) this.flush()
    if (room > flushBytes) return this.#sink(Buffer.from(line))
    this.#length += this.#pending.write(line, this.#length)
    this.#timer ??= setTimeout(() => this.flush(), flushMs).unref()
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#length === 0) return
    this.#sink?.(this.#pending.subarray(0, this.#length))
    this.#pending = Buffer.allocUnsafeSlow(flushBytes)
    this.#length = 0
  }

  #line(entry: AccessEntry): string {
    return (
      `{"level":"info","time":"${this.#time.now()}${this.#head}${entry.txn}"` +
      text('route', entry.route) +
      text('method', entry.method) +
      text('path', entry.path) +
      `,"status":${entry.status},"ms":${hundredths(entry.ms)},"bytes":${entry.bytes}` +
      text('address', entry.address) +
      text('authn', entry.authn) +
      text('sub', entry.sub) +
      text('client_id', entry.clientId) +
      text('sid', entry.sid) +
      text('peer', entry.peer) +
      text('upstream', entry.upstream) +
      text('token_txn', entry.tokenTxn) +
      text('code', entry.code) +
      text('reason', entry.reason) +
      '}\n'
    )
  }
}

/** With two digits, as text: to write a broken number down, its shortest form has to be found. */
function hundredths(ms: number): string {
  const all = Math.round(ms * 100)
  const rest = all % 100
  return `${(all - rest) / 100}.${rest < 10 ? '0' : ''}${rest}`
}

/** What JSON writes as it is (RFC 8259 section 7), short of what nearly nobody sends. */
const plain = /^[ !#-[\]-~]*$/

function text(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  return plain.test(value) ? `,"${name}":"${value}"` : `,"${name}":${JSON.stringify(value)}`
}
