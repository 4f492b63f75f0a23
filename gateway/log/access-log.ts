import { pino } from 'pino'
import type { Logger } from '@gatehouse/kit/log'
import { IsoTime } from './iso-time.ts'

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

interface Destination {
  write(line: string): void
}

const flushBytes = 16 * 1024
const flushMs = 50

/**
 * One line for each request, built as text and handed to pino's own destination in batches: `pino.info(object)`
 * costs five times as much (performance.md). At most 50 ms of lines are lost if the process is killed.
 */
export class AccessLog {
  readonly #destination: Destination | undefined
  readonly #head: string
  readonly #time = new IsoTime()
  #pending = ''
  #timer: NodeJS.Timeout | undefined

  constructor(log: Logger, name: string) {
    this.#destination = log.isLevelEnabled('info') ? destinationOf(log) : undefined
    this.#head = `","name":${JSON.stringify(name)},"pid":${process.pid},"msg":"request","txn":"`
  }

  write(entry: AccessEntry): void {
    if (this.#destination === undefined) return
    this.#pending += this.#line(entry)
    if (this.#pending.length >= flushBytes) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), flushMs).unref()
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#pending !== '') this.#destination?.write(this.#pending)
    this.#pending = ''
  }

  #line(entry: AccessEntry): string {
    return (
      `{"level":"info","time":"${this.#time.now()}${this.#head}${entry.txn}"` +
      text('route', entry.route) +
      text('method', entry.method) +
      text('path', entry.path) +
      `,"status":${entry.status},"ms":${Math.round(entry.ms * 100) / 100},"bytes":${entry.bytes}` +
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

/** What JSON writes as it is (RFC 8259 section 7), short of what nearly nobody sends. */
const plain = /^[ !#-[\]-~]*$/

function text(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  return plain.test(value) ? `,"${name}":"${value}"` : `,"${name}":${JSON.stringify(value)}`
}

function destinationOf(log: Logger): Destination {
  const stream: unknown = Reflect.get(log, pino.symbols.streamSym)
  if (!isDestination(stream)) throw new TypeError('the logger has no destination')
  return stream
}

function isDestination(value: unknown): value is Destination {
  return typeof value === 'object' && value !== null && 'write' in value && typeof value.write === 'function'
}
