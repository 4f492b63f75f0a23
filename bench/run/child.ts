import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSecondsOf, residentMb } from './proc.ts'

const readyTimeoutMs = 20_000
const stopTimeoutMs = 3000

export interface ChildOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly core: number | undefined
  readonly logDir: string
  /** Before everything else on its core (round robin at the lowest real-time priority). */
  readonly realtime: boolean
  /** Whoever else wakes up on its core takes it at once: for what only makes work, beside what measures. */
  readonly givesWay?: boolean | undefined
  readonly env?: Readonly<Record<string, string>>
  /** Whom the process runs as, when not as the bench itself. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined
}

/** A program to start it with; `chrt` is of the same package as `taskset`. */
function priority({ core, realtime, givesWay, account }: ChildOptions): readonly string[] {
  if (givesWay === true) return core === undefined ? [] : ['chrt', '-i', '0']
  // Only root may; who runs as somebody else has to do without.
  return realtime && account === undefined ? ['chrt', '-r', '1'] : []
}

/** A process of the bench, on one core, its output in a file, ended when the bench ends. */
export class Child {
  readonly name: string
  readonly logFile: string
  readonly #process: ChildProcess
  #ended: string | undefined

  constructor(options: ChildOptions) {
    this.name = options.name
    this.logFile = `${options.logDir}/${options.name}.log`
    const log = openSync(this.logFile, 'a')
    const core = options.core === undefined ? [] : ['taskset', '-c', String(options.core)]
    const first = priority(options)
    const [command = options.command, ...args] = [...first, ...core, options.command, ...options.args]
    this.#process = spawn(command, args, {
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, ...options.env },
      ...options.account,
    })
    closeSync(log)
    this.#process.on('error', (error) => {
      this.#ended = error.message
    })
    this.#process.on('exit', (code, signal) => {
      this.#ended = `exit ${String(code ?? signal)}`
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Of the process and of those that it has started itself, while they live. */
  cpuSeconds(): number {
    return cpuSecondsOf([this.pid])
  }

  residentMb(): number {
    return residentMb(this.pid)
  }

  send(message: object): void {
    this.#process.send(message)
  }

  /** The next message of the child. Rejects when it ends or stays silent. */
  async message(timeoutMs = readyTimeoutMs): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const fail = (why: string): void => reject(new Error(`${this.name}: ${why}\n${this.logTail()}`))
    const onExit = (): void => fail(`ended (${this.#ended ?? 'unknown'})`)
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs)
    this.#process.once('message', resolve).once('exit', onExit)
    if (this.#ended !== undefined) onExit()
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#process.off('message', resolve).off('exit', onExit)
    }
  }

  logTail(): string {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(-12).join('\n')
  }

  /** Empties the log file: a contestant that writes a line per request fills a disk otherwise. */
  truncateLog(): void {
    truncateSync(this.logFile)
  }

  kill(): void {
    if (this.#ended === undefined) this.#process.kill('SIGKILL')
  }

  async stop(): Promise<void> {
    if (this.#ended !== undefined) return
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGTERM')
    const late = sleep(stopTimeoutMs, undefined, { ref: false }).then(() => this.#process.kill('SIGKILL'))
    await Promise.race([ended, late])
    await ended
  }
}
