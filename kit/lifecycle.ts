import { systemClock } from './clock.ts'
import { loadConfig } from './config/load.ts'
import { readSettings, type Environment } from './environment.ts'
import { StartError } from './errors.ts'
import { createLogger, type Logger } from './log.ts'
import type { PartContext, PartMessage, PartName, RunningPart } from './part.ts'
import { dataPaths } from './paths.ts'
import { MasterKey, SecretsError } from './secrets.ts'

export type { PartContext, PartMessage, PartName, RunningPart } from './part.ts'

const stopLimitMs = 1500

/**
 * Builds what a part is given from the environment, the configuration file and the data folder.
 * @throws StartError (ConfigError among them) with what to do about it
 */
export function contextFromEnvironment(name: PartName, env: Environment): PartContext {
  const settings = readSettings(env)
  const paths = dataPaths(settings.dataDir)
  return {
    config: loadConfig({
      file: settings.configFile,
      dataDir: settings.dataDir,
      portBase: settings.portBase,
      env,
    }),
    paths,
    clock: systemClock,
    log: createLogger({ name, level: settings.logLevel }),
    masterKey: readMasterKey(paths.masterKey),
    production: settings.production,
  }
}

function readMasterKey(file: string): MasterKey {
  try {
    return MasterKey.fromFile(file)
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error
    throw new StartError(`the master key in ${file} cannot be used: ${error.message}`, {
      hint: "'npm start' makes one on one machine; in production put yours there, readable by this user only",
      cause: error,
    })
  }
}

/**
 * Entry of a part's process. Starts the part, tells the parent (or stderr) how that went, and stops it on
 * SIGTERM, SIGINT or when the parent is gone, within 1.5 s whatever happens.
 * A StartError is shown as its message and hint, without a stack; the exit code is then 1.
 */
export async function runPart(
  name: PartName,
  start: (context: PartContext) => Promise<RunningPart>,
): Promise<void> {
  const stopAsked = untilStopAsked()
  try {
    const context = contextFromEnvironment(name, process.env)
    exitOnCrash(context.log)
    const part = await Promise.race([start(context), stopAsked])
    if (part === undefined) return process.exit(0)
    await tellParent({ type: 'ready', urls: part.urls })
    await stopAsked
    await stopPart(part, context.log)
  } catch (error) {
    await tellFailure(name, error)
    process.exit(1)
  }
}

function untilStopAsked(): Promise<undefined> {
  return new Promise((resolve) => {
    const stop = (): void => resolve(undefined)
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
    if (process.channel !== undefined) process.once('disconnect', stop)
  })
}

async function stopPart(part: RunningPart, log: Logger): Promise<never> {
  const limit = setTimeout(() => {
    log.error(`${part.name} did not stop within ${stopLimitMs} ms`)
    process.exit(1)
  }, stopLimitMs)
  try {
    await part.stop()
  } catch (error) {
    log.error({ err: error }, `${part.name} did not stop cleanly`)
    process.exit(1)
  }
  clearTimeout(limit)
  // A handle that somebody forgot must not keep the process.
  return process.exit(0)
}

function exitOnCrash(log: Logger): void {
  // An 'unhandledRejection' arrives here as well: without a listener of its own, Node raises it as this.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'crashed')
    process.exit(1)
  })
}

async function tellFailure(name: PartName, error: unknown): Promise<void> {
  const { message, hint } = describeFailure(name, error)
  if (!(error instanceof StartError)) createLogger({ name }).fatal({ err: error }, message)
  if (process.send === undefined) process.stderr.write(`${message}\n  ${hint}\n`)
  await tellParent({ type: 'failed', message, hint })
}

function describeFailure(
  name: PartName,
  error: unknown,
): { readonly message: string; readonly hint: string } {
  if (error instanceof StartError) return { message: error.message, hint: error.hint }
  const reason = error instanceof Error ? error.message : String(error)
  return {
    message: `${name} failed to start: ${reason}`,
    hint: 'this is a fault in Gatehouse; its log says where',
  }
}

/** Waits until the message is on its way: an exit right after `send` would lose it. */
function tellParent(message: PartMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve()
    // A parent that is gone cannot be told; the 'disconnect' event then stops this process.
    process.send(message, undefined, undefined, () => resolve())
  })
}
