import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { freePortBase } from '../../../test/harness/ports.ts'
import { benchFile } from '../../run/bench-file.ts'
import { residentMb } from '../../run/proc.ts'
import type { Stage } from '../../run/stage.ts'

const Run = Type.Object({
  gateway: Type.Object({ public: Type.String() }),
  idp: Type.Object({ issuer: Type.String() }),
  pids: Type.Record(Type.String(), Type.Number()),
})
const readyTimeoutMs = 30_000

interface Options {
  /** Undefined: a new, empty one, removed at the end. */
  readonly dataDir: string | undefined
  readonly configFile?: string
}

/** The whole house by `npm start`. */
export class StartedHouse {
  /** From the start of the command until run.json was there. */
  readonly seconds: number
  readonly dataDir: string
  readonly run: Type.Static<typeof Run>
  readonly stop: () => Promise<void>

  private constructor(seconds: number, dataDir: string, stop: () => Promise<void>) {
    this.seconds = seconds
    this.dataDir = dataDir
    this.run = Value.Parse(Run, JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')))
    this.stop = stop
  }

  static async start(stage: Stage, { dataDir: kept, configFile }: Options): Promise<StartedHouse> {
    const dataDir = kept ?? mkdtempSync(join(stage.dir, 'start-'))
    const env = {
      ...process.env,
      ...(configFile === undefined ? {} : { GATEHOUSE_CONFIG: configFile }),
      GATEHOUSE_DATA: dataDir,
      GATEHOUSE_PORT_BASE: String(await freePortBase()),
    }
    const started = performance.now()
    const [command, args] = stage.realtime ? ['chrt', ['-r', '1', 'npm', 'start']] : ['npm', ['start']]
    const npm = spawn(command, args, { cwd: benchFile('..'), env, stdio: 'ignore', detached: true })
    const exited = new Promise<number | null>((resolve) =>
      npm.once('exit', resolve).once('error', () => resolve(1)),
    )
    const stop = async (): Promise<void> => {
      if (npm.pid !== undefined && npm.exitCode === null) process.kill(-npm.pid, 'SIGINT')
      await exited
      if (kept === undefined) rmSync(dataDir, { recursive: true, force: true })
    }
    try {
      await untilExists(join(dataDir, 'run.json'), exited)
      return new StartedHouse((performance.now() - started) / 1000, dataDir, stop)
    } catch (error) {
      await stop()
      throw error
    }
  }

  /** Resident megabytes by part. */
  memory(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this.run.pids).map(([part, pid]) => [part, residentMb(pid)]))
  }
}

async function untilExists(file: string, exited: Promise<number | null>): Promise<void> {
  const end = Date.now() + readyTimeoutMs
  const gone = exited.then((code) => `npm start ended with ${String(code)}`)
  while (!existsSync(file)) {
    const why = await Promise.race([sleep(4, undefined), gone])
    if (why !== undefined) throw new Error(why)
    if (Date.now() > end) throw new Error(`not ready within ${readyTimeoutMs} ms`)
  }
}
