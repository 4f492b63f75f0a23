import type { Command, Invocation } from './command.ts'
import { json, places } from './options.ts'
import { readSettings } from './settings.ts'

export const check: Command = {
  summary: 'Validates the configuration and says everything that is wrong with it',
  details: 'Exit code 0: valid. 1: faults, each with line and column. Nothing is started or written.',
  options: { ...places, json },
  run,
}

async function run({ options, env, terminal }: Invocation): Promise<number> {
  const { configFile, dataDir, portBase } = readSettings({ options, env })
  const { loadConfig } = await import('@gatehouse/kit/config/load')
  const config = loadConfig({ file: configFile, dataDir, portBase, env })
  const counts = {
    routes: config.routes.length,
    upstreams: Object.keys(config.upstreams).length,
    edges: config.edges.length,
  }
  if (options['json'] === true) terminal.out(JSON.stringify({ event: 'valid', file: configFile, ...counts }))
  else terminal.out(`${configFile} is valid: ${words(counts)}`)
  return 0
}

function words(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')
}
