import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@gatehouse/kit/clock'
import { loadConfig } from '@gatehouse/kit/config/load'
import type { Config } from '@gatehouse/kit/config/types'
import type { PartContext, PartName, RunningPart } from '@gatehouse/kit/lifecycle'
import { createLogger } from '@gatehouse/kit/log'
import { dataPaths, type DataPaths } from '@gatehouse/kit/paths'
import { prepareDataFolder } from '@gatehouse/kit/prepare'
import { MasterKey } from '@gatehouse/kit/secrets'
import { LogLines } from './log-lines.ts'
import { startParts } from './parts.ts'
import { freePortBase } from './ports.ts'

/** Started parts and what they were started with. */
export interface Booted {
  readonly config: Config
  readonly paths: DataPaths
  readonly portBase: number
  readonly logs: LogLines
  readonly running: Map<PartName, RunningPart>
  contextFor(part: PartName): PartContext
}

const attempts = 5

/** Starts parts in this process, on free ports and a new data folder in the system's folder for temporary files. */
export async function boot(parts: readonly PartName[], configText: string): Promise<Booted> {
  for (let attempt = 1; ; attempt++) {
    const dir = mkdtempSync(join(tmpdir(), 'gatehouse-test-'))
    try {
      return await bootIn(dir, parts, configText)
    } catch (error) {
      rmSync(dir, { recursive: true, force: true })
      // Another test process can take a port between our look and our listening.
      if (attempt === attempts || !isPortTaken(error)) throw error
    }
  }
}

async function bootIn(dir: string, parts: readonly PartName[], configText: string): Promise<Booted> {
  const portBase = await freePortBase()
  const file = join(dir, 'gatehouse.yaml')
  writeFileSync(file, configText)
  const paths = dataPaths(dir)
  const config = loadConfig({ file, dataDir: dir, portBase, env: process.env })
  prepareDataFolder(paths, config, { production: false, clock: systemClock })
  const logs = new LogLines()
  const contextFor = (part: PartName): PartContext => ({
    config,
    paths,
    clock: systemClock,
    log: createLogger({ name: part, destination: logs.destination(part) }),
    masterKey: MasterKey.fromFile(paths.masterKey),
    production: false,
  })
  const running = await startAll(parts, contextFor)
  return { config, paths, portBase, logs, running, contextFor }
}

async function startAll(
  parts: readonly PartName[],
  contextFor: (part: PartName) => PartContext,
): Promise<Map<PartName, RunningPart>> {
  const results = await startParts(parts, contextFor)
  const running = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed === undefined) return new Map(running.map((part) => [part.name, part]))
  await Promise.all(running.map((part) => part.stop()))
  throw failed.reason
}

function isPortTaken(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === 'EADDRINUSE') || isPortTaken(error.cause)
}
