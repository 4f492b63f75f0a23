import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { cacheDir, completed } from '../compiled.cjs'

const warmUp = fileURLToPath(new URL('warm-up.ts', import.meta.url))

/**
 * Node's compile cache: a third less to do until everything is ready. A process that fills it does so when it exits, and
 * needs seconds for that on a busy machine. So the parts only get one that is complete: `npm ci` fills it
 * (cli/installed.mjs), or else, after an install without scripts, a process of its own behind the first start.
 */
export class CompileCache {
  readonly #isOff: boolean
  #filler: ChildProcess | undefined

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#isOff = env['NODE_DISABLE_COMPILE_CACHE'] !== undefined || env['NODE_COMPILE_CACHE'] !== undefined
  }

  /** What the parts get in their environment. */
  get env(): Readonly<Record<string, string>> {
    return this.#isUsable() ? { NODE_COMPILE_CACHE: cacheDir } : {}
  }

  /** For what this process loads from now on. */
  use(): void {
    if (this.#isUsable()) enableCompileCache(cacheDir)
  }

  fillLater(): void {
    if (this.#isOff || existsSync(completed)) return
    this.#filler = fork(warmUp, [], {
      env: { ...process.env, NODE_COMPILE_CACHE: cacheDir },
      execArgv: [],
      stdio: 'ignore',
    })
    // Without the cache everything works, only slower to start.
    this.#filler.on('error', () => {})
    if (this.#filler.pid !== undefined) setPriority(this.#filler.pid, constants.priority.PRIORITY_LOW)
  }

  stopFilling(): void {
    this.#filler?.kill('SIGKILL')
  }

  #isUsable(): boolean {
    return !this.#isOff && existsSync(completed)
  }
}
