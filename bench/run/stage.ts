import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { execArgv } from '../../cli/start/part-process.ts'
import { payload } from '../upstream/payload.ts'
import type { Job, Outcome } from '../load/job.ts'
import { readOutcome } from '../load/job.ts'
import { benchFile } from './bench-file.ts'
import { Child } from './child.ts'
import type { ChildOptions } from './child.ts'
import type { Cores } from './cores.ts'
import { Issuer } from './issuer.ts'
import type { Algorithm } from './issuer.ts'
import type { Pace } from './pace.ts'
import type { Plan } from './plan.ts'
import type { Progress } from './progress.ts'

const Ready = Type.Object({ type: Type.Literal('ready'), port: Type.Number() })
const Listening = Type.Object({ type: Type.Literal('ready'), ports: Type.Array(Type.Number()) })
const Seen = Type.Object({ type: Type.Literal('seen'), requests: Type.Number(), last: Type.String() })

export interface TlsMaterial {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export interface StageOptions {
  readonly cores: Cores
  readonly pace: Pace
  readonly plan: Plan
  /** The suite that runs on it. */
  readonly suite: string
  readonly progress: Progress
  /** Where CPU profiles of Gatehouse's processes go; undefined: none are taken. */
  readonly profileDir: string | undefined
  /** Cases whose id does not contain this are left out. */
  readonly only: string
  /** Pinned processes run before everything else on their cores; for a machine that others use, needs root. */
  readonly realtime: boolean
  /** Whether the suite was asked for by its name: then it measures what a run of all has no time for. */
  readonly isWhole: boolean
  /** The most rows that a store is filled with; undefined: as many as there is time for. */
  readonly rows: number | undefined
}

// A log on a disk would measure the disk, and whoever else writes there.
const memoryFolder = '/dev/shm'

/** Everything that the suites share: folder, cores, load process, issuer, and what to start processes with. */
export class Stage {
  readonly dir: string
  /** Where processes write their logs: in memory, where the system has such a folder. */
  readonly logDir: string
  readonly cores: Cores
  readonly pace: Pace
  readonly progress: Progress
  readonly profileDir: string | undefined
  readonly only: string
  readonly issuer = new Issuer()
  readonly realtime: boolean
  readonly isWhole: boolean
  readonly rows: number | undefined
  readonly plan: Plan
  readonly #suite: string
  readonly #children: Child[] = []
  readonly #files = new Map<string, string>()
  readonly #tokens = new Map<string, readonly string[]>()
  #load: Child | undefined
  #until = 0
  readonly #killAll = (): void => this.#children.forEach((child) => child.kill())

  constructor({
    cores,
    pace,
    plan,
    suite,
    progress,
    profileDir,
    only,
    realtime,
    isWhole,
    rows,
  }: StageOptions) {
    this.isWhole = isWhole
    this.rows = rows
    this.plan = plan
    this.#suite = suite
    this.realtime = realtime
    this.profileDir = profileDir
    this.only = only
    this.cores = cores
    this.pace = pace
    this.progress = progress
    this.dir = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
    this.logDir = existsSync(memoryFolder) ? mkdtempSync(join(memoryFolder, 'gatehouse-bench-')) : this.dir
  }

  async open(): Promise<void> {
    // Programs that are not ours do not notice that the bench is gone.
    process.on('exit', this.#killAll)
    await this.issuer.start()
    this.#load = this.node('load', 'load/main.ts', {}, this.cores.load)
    await this.#load.message()
  }

  /** Ends every process that the bench started and removes its folder. */
  async close(): Promise<void> {
    this.issuer.stop()
    await Promise.all(this.#children.map((child) => child.stop()))
    process.off('exit', this.#killAll)
    for (const dir of [this.dir, this.logDir]) rmSync(dir, { recursive: true, force: true })
  }

  /** Starts a TypeScript program of the bench, with the flags of Node that `npm start` gives to Gatehouse's parts. */
  node(
    name: string,
    program: string,
    settings: object,
    core: number | undefined,
    how: Pick<ChildOptions, 'givesWay'> = {},
  ): Child {
    const args = [...execArgv, benchFile(program), JSON.stringify(settings)]
    return this.spawn(name, process.execPath, args, core, {}, how)
  }

  spawn(
    name: string,
    command: string,
    args: readonly string[],
    core: number | undefined,
    env: Readonly<Record<string, string>> = {},
    how: Pick<ChildOptions, 'account' | 'givesWay'> = {},
  ): Child {
    const child = new Child({
      name,
      command,
      args,
      core,
      env,
      ...how,
      logDir: this.logDir,
      realtime: this.realtime,
    })
    this.#children.push(child)
    return child
  }

  /** Flags for Node: with `--cpu-prof` each contestant of that name leaves a profile behind when it ends. */
  nodeFlags(name: string): readonly string[] {
    if (this.profileDir === undefined) return []
    return [
      '--cpu-prof',
      `--cpu-prof-dir=${this.profileDir}`,
      `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`,
    ]
  }

  async port(child: Child): Promise<number> {
    return Value.Parse(Ready, await child.message()).port
  }

  get loadProcess(): Child {
    if (this.#load === undefined) throw new Error('the load process was not started')
    return this.#load
  }

  async load(job: Job): Promise<Outcome> {
    this.loadProcess.send(job)
    return readOutcome(await this.loadProcess.message((job.seconds + (job.lead ?? 0) + 30) * 1000))
  }

  /** Those of the cases that are to be run, as one: they were asked for, and there is time left. Their time begins. */
  begin(...ids: readonly string[]): readonly string[] {
    const wanted = ids.filter((id) => id.includes(this.only))
    const key = (id: string): string => `${this.#suite}.${id}`
    const begun = wanted.filter((id) => this.plan.allows(key(id)))
    for (const id of wanted)
      if (!begun.includes(id)) this.progress.note(`skipped: ${id}: no time left (--minutes)`)
    this.#until = this.plan.begin(...wanted.map(key))
    return begun
  }

  /** Milliseconds of Date.now() until which the case may take. */
  get until(): number {
    return this.#until
  }

  /** Something failed that was to be measured: it is told, and the bench ends with 1. */
  fault(text: string): void {
    this.progress.note(text)
    process.exitCode = 1
  }

  /** The file with the body that the upstream answers for this size. */
  bodyFile(size: number): string {
    return this.once(`body-${size}`, () => this.file(`body-${size}`, payload(size)))
  }

  /** Makes a file the first time it is asked for. */
  once(name: string, make: () => string): string {
    const file = this.#files.get(name) ?? make()
    this.#files.set(name, file)
    return file
  }

  /** So many access tokens, each of another person, the same ones for every contestant. */
  tokens(kind: string, algorithm: Algorithm, count: number): readonly string[] {
    const key = `${kind} ${algorithm}`
    const found = this.#tokens.get(key)
    if (found !== undefined) return found
    if (count > 1000) this.progress.step(`signing ${count} tokens (${algorithm})`)
    const sub = (n: number): string => `acc-${kind}-${String(n).padStart(6, '0')}`
    const tokens = Array.from({ length: count }, (_, n) => this.issuer.token({ sub: sub(n), algorithm }))
    this.#tokens.set(key, tokens)
    return tokens
  }

  file(name: string, content: string): string {
    const file = join(this.dir, name)
    writeFileSync(file, content)
    return file
  }
}

export class Upstream {
  readonly child: Child
  readonly port: number
  readonly origin: string
  /** All addresses at which it listens. */
  readonly origins: readonly string[]

  constructor(child: Child, ports: readonly number[], secure: boolean) {
    const [port = 0] = ports
    const originAt = (at: number): string => (secure ? `https://localhost:${at}` : `http://127.0.0.1:${at}`)
    this.child = child
    this.port = port
    this.origin = originAt(port)
    this.origins = ports.map(originAt)
  }

  /** @param count ports to listen on. */
  static async start(stage: Stage, name: string, tls: TlsMaterial | undefined, count = 1): Promise<Upstream> {
    const settings = { count, ...(tls === undefined ? {} : { tls }) }
    const child = stage.node(name, 'upstream/main.ts', settings, stage.cores.load)
    const { ports } = Value.Parse(Listening, await child.message())
    return new Upstream(child, ports, tls !== undefined)
  }

  /** How many requests have come, and the head of the last one. */
  async seen(): Promise<{ readonly requests: number; readonly last: string }> {
    this.child.send({ type: 'seen' })
    return Value.Parse(Seen, await this.child.message())
  }
}
