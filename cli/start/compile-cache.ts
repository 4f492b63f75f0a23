import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const warmUp = fileURLToPath(new URL('warm-up.ts', import.meta.url))

/**
 * Node's compile cache in the data folder: from the second start on, a third less to do until everything is ready.
 * A process that fills it does so when it exits, and needs seconds for that on a busy machine. So the parts only get one
 * that is complete, and a process of its own, at the lowest priority, fills it behind the first start.
 */
export class CompileCache {
  readonly #dir: string
  readonly #isOff: boolean
  #filler: ChildProcess | undefined

  constructor(dataDir: string, env: Readonly<Record<string, string | undefined>>) {
    this.#dir = join(dataDir, 'cache')
    this.#isOff = env['NODE_DISABLE_COMPILE_CACHE'] !== undefined || env['NODE_COMPILE_CACHE'] !== undefined
  }

  /** What the parts get in their environment. */
  get env(): Readonly<Record<string, string>> {
    return this.#isUsable() ? { NODE_COMPILE_CACHE: this.#dir } : {}
  }

  /** For what this process loads from now on. */
  use(): void {
    if (this.#isUsable()) enableCompileCache(this.#dir)
  }

  fillLater(): void {
    if (this.#isOff || existsSync(this.#completed())) return
    const env = { ...process.env, NODE_COMPILE_CACHE: this.#dir }
    this.#filler = fork(warmUp, [this.#completed()], { env, execArgv: [], stdio: 'ignore' })
    // Without the cache everything works, only slower to start.
    this.#filler.on('error', () => {})
    if (this.#filler.pid !== undefined) setPriority(this.#filler.pid, constants.priority.PRIORITY_LOW)
  }

  stopFilling(): void {
    this.#filler?.kill('SIGKILL')
  }

  #isUsable(): boolean {
    return !this.#isOff && existsSync(this.#completed())
  }

  /** By version: another one finds nothing in it that it could use. */
  #completed(): string {
    return join(this.#dir, `complete-${process.version}`)
  }
}
