import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartError } from './errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What the environment says about where and how to run. */
export interface Settings {
  readonly dataDir: string
  readonly configFile: string
  readonly portBase: number
  readonly logLevel: string
  readonly production: boolean
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']
const defaultConfigFile = fileURLToPath(new URL('../gatehouse.yaml', import.meta.url))
const defaultPortBase = 3000
/** The most leaves room for the highest offset, the services at +1001 and up. */
export const portBases = { least: 1024, most: 64_000 } as const

/**
 * Reads `GATEHOUSE_DATA` (default `.data`), `GATEHOUSE_CONFIG` (default `gatehouse.yaml` of this repository),
 * `GATEHOUSE_PORT_BASE` (default 3000), `GATEHOUSE_LOG_LEVEL` (default `info`) and `NODE_ENV`.
 * @throws StartError when one of them cannot be understood
 */
export function readSettings(env: Environment): Settings {
  return {
    dataDir: resolve(given(env['GATEHOUSE_DATA']) ?? '.data'),
    configFile: resolve(given(env['GATEHOUSE_CONFIG']) ?? defaultConfigFile),
    portBase: readPortBase(given(env['GATEHOUSE_PORT_BASE'])),
    logLevel: readLogLevel(given(env['GATEHOUSE_LOG_LEVEL'])),
    production: env['NODE_ENV'] === 'production',
  }
}

/** A variable that is set to nothing counts as not set, as compose files do with `${NAME:-}`. */
function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

function readPortBase(text: string | undefined): number {
  if (text === undefined) return defaultPortBase
  const value = portBaseOf(text)
  if (value !== undefined) return value
  throw new StartError(`GATEHOUSE_PORT_BASE is '${text.slice(0, 40)}', which is no port to count from`, {
    hint: `set it to a number from ${portBases.least} to ${portBases.most}, or leave it out for ${defaultPortBase}`,
  })
}

/** @returns undefined for what is no port to count from */
export function portBaseOf(text: string): number | undefined {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return value >= portBases.least && value <= portBases.most ? value : undefined
}

export function readLogLevel(text: string | undefined): string {
  if (text === undefined) return 'info'
  if (logLevels.includes(text)) return text
  throw new StartError(`GATEHOUSE_LOG_LEVEL is '${text.slice(0, 40)}', which is no log level`, {
    hint: `set it to one of ${logLevels.join(', ')}`,
  })
}
