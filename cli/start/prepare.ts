import { systemClock } from '@gatehouse/kit/clock'
import { loadConfig } from '@gatehouse/kit/config/load'
import type { DataPaths } from '@gatehouse/kit/paths'
import { prepareDataFolder } from '@gatehouse/kit/prepare'
import type { Invocation } from '../command.ts'
import type { Settings } from '../settings.ts'
import { checkNotRunning, holdFolder } from './already-running.ts'
import { openDataFolder } from './data-folder.ts'
import { checkPorts } from './ports.ts'

/**
 * Everything that can be found wrong before a process runs, and then the keys and certificates. The checks that
 * write nothing come first. Any fault is a StartError.
 * @returns lets others start on the data folder.
 */
export async function prepare(
  settings: Settings,
  paths: DataPaths,
  env: Invocation['env'],
): Promise<() => void> {
  const { configFile: file, dataDir, portBase, production } = settings
  const config = loadConfig({ file, dataDir, portBase, env })
  checkNotRunning(paths)
  await checkPorts(config)
  openDataFolder(paths)
  const release = holdFolder(paths)
  prepareDataFolder(paths, config, { production, clock: systemClock })
  return release
}
