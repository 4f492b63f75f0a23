import { fileURLToPath } from 'node:url'
import {
  portBaseOf,
  portBases,
  readSettings as readEnvironment,
  type Settings,
} from '@gatehouse/kit/environment'
import { type Invocation, UsageError } from './command.ts'
import type { places } from './options.ts'

export type { Settings } from '@gatehouse/kit/environment'

/** The repository; the parts' entry files are found from here, not from the working folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))

const variables: Readonly<Record<keyof typeof places, string>> = {
  config: 'GATEHOUSE_CONFIG',
  data: 'GATEHOUSE_DATA',
  'port-base': 'GATEHOUSE_PORT_BASE',
}

/** The environment with the options of `places` put over it, so that parts are given what the command was. */
function environmentOf({ options, env }: Pick<Invocation, 'options' | 'env'>): Invocation['env'] {
  const given = Object.entries(variables).flatMap(([option, variable]) => {
    const value = options[option]
    return typeof value === 'string' ? [[variable, value] as const] : []
  })
  return { ...env, ...Object.fromEntries(given) }
}

/** @throws UsageError, or StartError for what the environment says */
export function readSettings(invocation: Pick<Invocation, 'options' | 'env'>): Settings {
  const portBase = invocation.options['port-base']
  if (typeof portBase === 'string' && portBaseOf(portBase) === undefined) {
    const { least, most } = portBases
    throw new UsageError(
      `--port-base takes a number from ${least} to ${most}, not '${portBase.slice(0, 40)}'`,
    )
  }
  return readEnvironment(environmentOf(invocation))
}
