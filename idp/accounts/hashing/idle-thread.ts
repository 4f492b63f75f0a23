import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { PasswordCheck } from './check.ts'

const startTimeoutMs = 5_000
const limits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 }
const run = promisify(execFile)

/**
 * A thread that checks passwords where and while nothing else wants the core (SCHED_IDLE of Linux, sched(7)): whoever
 * wakes up takes the core from it at once. From an ordinary thread, however nice, Linux takes it at the end of a slice of
 * some milliseconds, and that for each request that comes meanwhile.
 */
export class IdleThread {
  readonly #worker: Worker
  #answer: ((right: boolean | undefined) => void) | undefined
  #ended = false

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (right: unknown) => this.#answered(typeof right === 'boolean' ? right : undefined))
    worker.on('error', () => this.#end())
    worker.on('exit', () => this.#end())
    // It keeps nobody from ending.
    worker.unref()
  }

  /** @throws where the system has no such threads, or nobody to ask for one (`chrt` of util-linux) */
  static async start(): Promise<IdleThread> {
    const options = { execArgv: [], env: {}, resourceLimits: limits }
    const worker = new Worker(new URL('worker.ts', import.meta.url), options)
    try {
      const signal = AbortSignal.timeout(startTimeoutMs)
      const [tid]: unknown[] = await once(worker, 'message', { signal })
      // Nobody needs a right to give way, and Node has no call for it.
      await run('chrt', ['-i', '-p', '0', String(tid)], { timeout: startTimeoutMs })
      return new IdleThread(worker)
    } catch (error) {
      await worker.terminate()
      throw error
    }
  }

  get hasEnded(): boolean {
    return this.#ended
  }

  /** One at a time. @returns undefined when it could not be found out here */
  check(check: PasswordCheck): Promise<boolean | undefined> {
    if (this.#ended) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#answer = resolve
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      this.#worker.postMessage(check)
    })
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #answered(right: boolean | undefined): void {
    this.#answer?.(right)
    this.#answer = undefined
  }

  #end(): void {
    this.#ended = true
    this.#answered(undefined)
  }
}
