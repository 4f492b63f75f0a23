import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '@gatehouse/kit/errors'
import { type PartName, partNames } from '@gatehouse/kit/part'
import { healthyMs, restartDelayMs } from './backoff.ts'
import type { Report } from './events.ts'
import { boundLog, lastLines, warnings } from './log-file.ts'
import { type Exit, type PartProcess, startPart } from './part-process.ts'
import { type RunFile, runFile, type RunningEntry, type Urls, writeRunFile } from './run-file.ts'

/** Parts have 1.5 s to stop by themselves (kit/lifecycle.ts); the whole must be over within 2 s. */
const patienceMs = 1700
/** Before they are ready nobody has asked them for anything, and what they do then survives a kill. */
const patienceAtStartMs = 500
const boundLogsEveryMs = 5000

export interface SupervisorOptions {
  readonly env: NodeJS.ProcessEnv
  readonly logsDir: string
  readonly runJson: string
  /** For all parts together at the start, and for each one that is restarted. */
  readonly readyWithinMs: number
  readonly report: Report
}

/** Starts the parts as processes, restarts those that die, and stops them all. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #processes = new Map<PartName, PartProcess>()
  readonly #urls = new Map<PartName, Urls>()
  readonly #stopping = new AbortController()
  #logBounder: NodeJS.Timeout | undefined
  #isUp = false

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  /** Resolves when every part takes requests. A part that does not get there is a StartError. */
  async start(): Promise<void> {
    for (const part of partNames) this.#start(part, true)
    const deadline = new AbortController()
    const { readyWithinMs } = this.#options
    try {
      await Promise.race([
        Promise.all(partNames.map((part) => this.#becomeReady(part))),
        sleep(readyWithinMs, undefined, { signal: deadline.signal }).then(() => {
          throw this.#tooSlow()
        }),
      ])
    } finally {
      deadline.abort()
    }
  }

  /** From now on a part that dies is started again. To be called once, after `start`. */
  keep(): void {
    this.#isUp = true
    this.#logBounder = setInterval(
      () => partNames.forEach((part) => boundLog(this.logFile(part))),
      boundLogsEveryMs,
    )
    for (const part of partNames) void this.#keep(part)
  }

  running(): RunFile {
    const entry = (part: PartName): RunningEntry => ({
      urls: this.#urls.get(part) ?? {},
      pid: this.#processes.get(part)?.pid ?? 0,
    })
    return runFile({
      idp: entry('idp'),
      gateway: entry('gateway'),
      users: entry('users'),
      orders: entry('orders'),
      inventory: entry('inventory'),
    })
  }

  /** What the parts have warned of since they were started, with the names of those that did. */
  warnings(): readonly string[] {
    const said = partNames.flatMap((part) => warnings(this.logFile(part)).map((text) => ({ part, text })))
    const byText = Map.groupBy(said, ({ text }) => text)
    return [...byText].map(([text, by]) => `${[...new Set(by.map(({ part }) => part))].join(', ')}: ${text}`)
  }

  logFile(part: PartName): string {
    return join(this.#options.logsDir, `${part}.log`)
  }

  /** Ends every process within two seconds; answers which had to be killed. */
  async stop(): Promise<readonly PartName[]> {
    this.#stopping.abort()
    clearInterval(this.#logBounder)
    const left = new Set(this.#processes.values())
    const all = Promise.all([...left].map((process) => process.exited.then(() => left.delete(process))))
    for (const process of left) process.signal('SIGTERM')
    const patience = this.#isUp ? patienceMs : patienceAtStartMs
    await Promise.race([all, sleep(patience, undefined, { ref: false })])
    const killed = [...left]
    for (const process of killed) process.signal('SIGKILL')
    await all
    return killed.map(({ part }) => part)
  }

  /** Ends every process now. */
  kill(): void {
    this.#stopping.abort()
    for (const process of this.#processes.values()) process.signal('SIGKILL')
  }

  #start(part: PartName, freshLog: boolean): PartProcess {
    const { env } = this.#options
    const process = startPart(part, { logFile: this.logFile(part), freshLog, env })
    this.#processes.set(part, process)
    return process
  }

  async #becomeReady(part: PartName): Promise<void> {
    const process = this.#processes.get(part)
    const urls = await process?.ready
    if (urls !== undefined) this.#urls.set(part, urls)
    else if (process !== undefined) throw this.#failed(part, await process.exited)
  }

  async #keep(part: PartName): Promise<void> {
    let restarts = 0
    for (let current = this.#processes.get(part); current !== undefined;) {
      const exit = await current.exited
      if (this.#stopping.signal.aborted) return
      if (Date.now() - current.startedAt >= healthyMs) restarts = 0
      const restartInMs = restartDelayMs(restarts++)
      this.#options.report({
        event: 'part_ended',
        part,
        how: exit.how,
        why: exit.why,
        restart_in_ms: restartInMs,
      })
      await sleep(restartInMs, undefined, { signal: this.#stopping.signal }).catch(ignoreAbort)
      if (this.#stopping.signal.aborted) return
      current = this.#start(part, false)
      void this.#watchRestart(current)
    }
  }

  async #watchRestart(process: PartProcess): Promise<void> {
    const { report, runJson, readyWithinMs } = this.#options
    const urls = await Promise.race([process.ready, sleep(readyWithinMs, undefined, { ref: false })])
    if (this.#stopping.signal.aborted) return
    // Not ready in time: ended here, and started again by whoever waits for its exit.
    if (urls === undefined) return process.signal('SIGKILL')
    this.#urls.set(process.part, urls)
    try {
      writeRunFile(runJson, this.running())
    } catch (error) {
      report({ event: 'run_file_not_written', why: error instanceof Error ? error.message : String(error) })
    }
    const elapsed = Date.now() - process.startedAt
    report({ event: 'part_back', part: process.part, pid: process.pid, elapsed_ms: elapsed })
  }

  #failed(part: PartName, exit: Exit): StartError {
    return new StartError(`${part} did not start: ${exit.why ?? exit.how}`, {
      hint: exit.hint ?? `It ended with ${exit.how}; its log is ${this.logFile(part)}`,
    })
  }

  #tooSlow(): StartError {
    const late = partNames.filter((part) => !this.#urls.has(part))
    const said = late.flatMap((part) => lastLines(this.logFile(part), 3).map((line) => `${part}: ${line}`))
    return new StartError(`not ready within ${this.#options.readyWithinMs / 1000} s: ${late.join(', ')}`, {
      hint: ['Their logs are in ' + this.#options.logsDir, ...said].join('\n'),
    })
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
