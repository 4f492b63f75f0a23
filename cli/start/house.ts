import { existsSync } from 'node:fs'
import { CertificateKeeper } from '@gatehouse/kit/authority/keeper'
import { systemClock } from '@gatehouse/kit/clock'
import { dataPaths, type DataPaths } from '@gatehouse/kit/paths'
import { folderFault } from '@gatehouse/kit/prepare/files'
import type { Invocation } from '../command.ts'
import { readSettings, type Settings } from '../settings.ts'
import { CompileCache } from './compile-cache.ts'
import { reporter } from './console.ts'
import type { Report } from './events.ts'
import { followLogs } from './follow-logs.ts'
import { removeRunFile, writeRunFile } from './run-file.ts'
import type { StopSignals } from './stop-signals.ts'
import { Supervisor } from './supervisor.ts'
import { waitUntilReady } from './wait-until-ready.ts'

const readyWithinMs = 20_000

interface House {
  readonly supervisor: Supervisor
  readonly paths: DataPaths
  readonly cache: CompileCache
  readonly report: Report
  readonly stop: StopSignals
  readonly firstStart: boolean
}

/** Runs the whole house until it is told to stop; answers the exit code. */
export async function runHouse(invocation: Invocation, stop: StopSignals): Promise<number> {
  const { options, env, terminal } = invocation
  const settings = readSettings(invocation)
  const paths = dataPaths(settings.dataDir)
  const firstStart = !existsSync(paths.credentials)
  const cache = new CompileCache(env)
  const { prepare } = await import('./prepare.ts')
  const release = await prepare(settings, paths, env)

  keepWithoutOutput()
  const report = reporter(terminal, options['json'] === true)
  const { logs: logsDir, runJson } = paths
  const childEnv = { ...partEnvironment(env, settings), ...cache.env }
  const supervisor = new Supervisor({ env: childEnv, logsDir, runJson, readyWithinMs, report })
  const stopFollowing = options['logs'] === true ? followLogs(supervisor, terminal) : () => {}
  await runUntilStopped({ supervisor, paths, cache, report, stop, firstStart }).finally(() => {
    stopFollowing()
    release()
  })
  return 0
}

/** What is printed may go to a disk that is full: a reason to fail for other commands, and none to end what runs. */
function keepWithoutOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error')
    stream.on('error', () => undefined)
  }
}

async function runUntilStopped(house: House): Promise<void> {
  const { supervisor, paths, cache, report, stop } = house
  stop.insisted.addEventListener('abort', () => supervisor.kill())
  const up = stop.aborted.aborted ? stop.signal : bringUp(house)
  const keeper = keepCertificates(house)
  try {
    // While all is well `up` is over long before, and only the signal ends this.
    await Promise.race([up.then(() => stop.signal), stop.signal])
    report({ event: 'stopping', signal: await stop.signal })
  } finally {
    const since = Date.now()
    cache.stopFilling()
    const killed = await supervisor.stop()
    await Promise.allSettled([up, keeper.stop()])
    removeRunFile(paths.runJson)
    if (stop.aborted.aborted) report({ event: 'stopped', elapsed_ms: Date.now() - since, killed })
  }
}

/** A start renews what expires within a week; this is for houses that run for longer. */
function keepCertificates({ paths, report }: House): CertificateKeeper {
  return new CertificateKeeper({
    certsDir: paths.certs,
    clock: systemClock,
    renewed: (issued) => report({ event: 'certificates_renewed', names: issued.map(({ name }) => name) }),
    failed: (error) =>
      report({
        event: 'certificates_not_renewed',
        why: error instanceof Error ? error.message : String(error),
      }),
  })
}

async function bringUp(house: House): Promise<void> {
  const { supervisor, paths, cache, report, firstStart } = house
  const { aborted: stop } = house.stop
  await supervisor.start()
  const { admin } = supervisor.running().gateway
  await waitUntilReady({ admin, withinMs: readyWithinMs, stop, logFile: supervisor.logFile('gateway') })
  stop.throwIfAborted()
  try {
    writeRunFile(paths.runJson, supervisor.running())
  } catch (error) {
    // A full disk that has room for all else: without the file nobody finds what runs.
    throw folderFault(error, paths.dir)
  }
  supervisor.keep()
  report({
    event: 'ready',
    // Since this process began: what one waits for after `npm start`.
    elapsed_ms: Math.round(process.uptime() * 1000),
    first_start: firstStart,
    credentials: paths.credentials,
    logs: paths.logs,
    warnings: supervisor.warnings(),
    run: supervisor.running(),
  })
  cache.fillLater()
}

/** All of the environment, because the configuration may name any of it; and the places as this process sees them. */
function partEnvironment(env: Invocation['env'], settings: Settings): NodeJS.ProcessEnv {
  return {
    ...env,
    GATEHOUSE_DATA: settings.dataDir,
    GATEHOUSE_CONFIG: settings.configFile,
    GATEHOUSE_PORT_BASE: String(settings.portBase),
  }
}
