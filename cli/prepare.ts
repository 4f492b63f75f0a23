import { dataPaths } from '@gatehouse/kit/paths'
import type { Command, Invocation } from './command.ts'
import { json, places } from './options.ts'
import { readSettings } from './settings.ts'

export const prepare: Command = {
  summary: 'Makes the keys and certificates that the data folder lacks, and starts nothing',
  details: 'For starting the parts one by one (`node gateway/main.ts`); `start` does it by itself.',
  options: { ...places, json },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { options, env, terminal } = invocation
  const { configFile, dataDir, portBase, production } = readSettings(invocation)
  const { loadConfig } = await import('@gatehouse/kit/config/load')
  const { openDataFolder } = await import('./start/data-folder.ts')
  const { prepareDataFolder } = await import('@gatehouse/kit/prepare')
  const { systemClock } = await import('@gatehouse/kit/clock')
  const config = loadConfig({ file: configFile, dataDir, portBase, env })
  const paths = dataPaths(dataDir)
  openDataFolder(paths)
  prepareDataFolder(paths, config, { production, clock: systemClock })
  terminal.out(
    options['json'] === true
      ? JSON.stringify({ event: 'prepared', data: paths.dir })
      : `${paths.dir} has all that the parts need`,
  )
  return 0
}
