import { parseArgs } from 'node:util'
import { suiteNames } from './suites.ts'
import type { SuiteName } from './suites.ts'

export interface Arguments {
  readonly suites: readonly SuiteName[]
  readonly quick: boolean
  readonly minutes: number | undefined
  readonly profileDir: string | undefined
  /** Contestants and load run before everything else on their cores. */
  readonly realtime: boolean
  /** Only cases whose id contains this. */
  readonly only: string
  readonly help: boolean
}

export class ArgumentError extends Error {}

/** @throws ArgumentError with one line that says what is wrong */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parse(args)
  const suites = positionals.map((name) => {
    const suite = suiteNames.find((known) => known === name)
    if (suite === undefined) throw new ArgumentError(`no suite '${name}'; there are ${suiteNames.join(', ')}`)
    return suite
  })
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes)
  if (minutes !== undefined && !(minutes > 0 && minutes <= 240))
    throw new ArgumentError(`--minutes takes a number from 1 to 240, not '${values.minutes ?? ''}'`)
  return {
    suites: suites.length === 0 ? suiteNames : suites,
    quick: values.quick,
    minutes,
    profileDir: values.profile,
    only: values.only,
    realtime: values.realtime,
    help: values.help,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        minutes: { type: 'string' },
        profile: { type: 'string' },
        realtime: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    })
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
