import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { completed } from '../../cli/compiled.cjs'
import { freePortBase } from './ports.ts'
import { root } from './sources.ts'

export interface HouseOptions {
  readonly dataDir: string
  readonly portBase: number
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /**
   * Default: Node itself with cli/bin.mjs; `npm` goes the way that people go; `env` starts Node without what tap has it
   * load, which listens to signals from the beginning.
   */
  readonly by?: keyof typeof ways
}

const bin = join(root, 'cli/bin.mjs')
const ways = {
  node: [process.execPath, bin],
  npm: ['npm'],
  env: ['env', '-u', 'NODE_OPTIONS', process.execPath, bin],
} as const

/** `npm start` as a process of its own, with everything that it prints. */
export class House {
  readonly child: ChildProcess
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>
  readonly #dataDir: string
  out = ''
  err = ''

  constructor({ dataDir, portBase, args = [], env = {}, by = 'node' }: HouseOptions) {
    this.#dataDir = dataDir
    const variables = { GATEHOUSE_DATA: dataDir, GATEHOUSE_PORT_BASE: String(portBase) }
    const [file, ...first] = ways[by]
    this.child = spawn(file, [...first, 'start', ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'], ...compileCache(), ...variables, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout?.on('data', (chunk: Buffer) => (this.out += chunk.toString('utf8')))
    this.child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString('utf8')))
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve({ code, signal }))
    })
  }

  /** Waits until stdout has this; fails with all that was printed when it ends or 90 s pass before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = performance.now() + 90_000
    for (let isOver = false; !isOver && performance.now() < deadline;) {
      isOver = this.child.exitCode !== null || this.child.signalCode !== null
      // What it said last can be on its way when it has ended.
      await (isOver ? this.exited : sleep(10))
      const found = pattern.exec(this.out)
      if (found !== null) return found
    }
    throw new Error(`waited for ${String(pattern)}, got:\n${this.out}${this.err}`)
  }

  ready(): Promise<RegExpExecArray> {
    return this.says(/is ready/)
  }

  async stop(
    signal: NodeJS.Signals = 'SIGTERM',
  ): Promise<{ readonly code: number | null; readonly ms: number }> {
    const since = performance.now()
    this.child.kill(signal)
    const { code } = await this.exited
    return { code, ms: performance.now() - since }
  }

  /** Processes of this house that are alive: they have its data folder in their environment. Linux only. */
  left(): readonly number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
      .filter((pid) => environmentOf(pid).includes(`GATEHOUSE_DATA=${this.#dataDir}\0`))
      .map(Number)
  }
}

export interface Place {
  readonly dataDir: string
  readonly portBase: number
}

/** The compile cache as `npm ci` filled it. What else fills it, behind the first start, would only be in the way. */
function compileCache(): Readonly<Record<string, string>> {
  return existsSync(completed) ? {} : { NODE_DISABLE_COMPILE_CACHE: '1' }
}

/** A new data folder (not made yet) and free ports; whatever still runs there is killed when the test ends. */
export async function newPlace(t: { teardown(run: () => void): unknown }): Promise<Place> {
  const parent = mkdtempSync(join(tmpdir(), 'gatehouse-start-'))
  t.teardown(() => rmSync(parent, { recursive: true, force: true }))
  return { dataDir: join(parent, 'data'), portBase: await freePortBase() }
}

/** Starts a house that is killed when the test ends, should it still run. */
export function startHouse(t: { teardown(run: () => void): unknown }, options: HouseOptions): House {
  const house = new House(options)
  t.teardown(() => {
    for (const pid of house.left()) killNow(pid)
  })
  return house
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself in the meantime.
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    // Ended, or not ours to look at.
    return ''
  }
}
