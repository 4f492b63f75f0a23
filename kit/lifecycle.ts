import { systemClock } from './clock.ts'
import { loadConfig, type LoadOptions } from './config/load.ts'
import type { Config } from './config/types.ts'
import { readSettings, type Environment } from './environment.ts'
import { StartError } from './errors.ts'
import { fileSignatureNow } from './file-signature.ts'
import { createLogger } from './log.ts'
import type { PartContext, PartName, RunningPart } from './part.ts'
import { dataPaths } from './paths.ts'
import { openSecrets } from './prepare/secret-files.ts'
import { runProcess } from './process.ts'
import { MasterKey, SecretsError } from './secrets.ts'

/** A change is taken over within twice this time. */
const lookEveryMs = 500

export type { PartContext, PartMessage, PartName, RunningPart } from './part.ts'

/**
 * Builds what a part is given from the environment, the configuration file and the data folder.
 * @throws StartError (ConfigError among them) with what to do about it
 */
export function contextFromEnvironment(name: PartName, env: Environment): PartContext {
  const settings = readSettings(env)
  const paths = dataPaths(settings.dataDir)
  const { configFile: file, dataDir, portBase, production } = settings
  const options = { file, dataDir, portBase, env }
  const signature = fileSignatureNow(file)
  const config = loadConfig(options)
  const log = createLogger({ name, level: settings.logLevel })
  const open = openSecrets(paths)
  if (open !== undefined) log.warn(open)
  return {
    config,
    source: { file, signature, lookEveryMs, load: () => loadLater(options) },
    paths,
    clock: systemClock,
    log,
    masterKey: readMasterKey(paths.masterKey),
    production,
  }
}

/** Its thread is nothing that a start needs. */
async function loadLater(options: LoadOptions): Promise<Config> {
  const { loadAside } = await import('./config/load-aside.ts')
  return loadAside(options)
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
 * Entry of a part's process, as `runProcess` says, with a context from the environment.
 */
export async function runPart(
  name: PartName,
  start: (context: PartContext) => Promise<RunningPart>,
): Promise<void> {
  return runProcess(name, () => {
    const context = contextFromEnvironment(name, process.env)
    return { log: context.log, started: start(context) }
  })
}
