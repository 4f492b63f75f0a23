import { parseArgs } from 'node:util'
import { nearestWord } from '@gatehouse/kit/config/nearest'
import { suiteNames, suites as measured } from './suites.ts'
import type { SuiteName } from './suites.ts'

export interface Arguments {
  readonly suites: readonly SuiteName[]
  /** Whether they were named, not all run because none was. */
  readonly isWhole: boolean
  readonly quick: boolean
  readonly minutes: number | undefined
  /** Seconds of the watch on memory; undefined: as long as the pace says. */
  readonly soakSeconds: number | undefined
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
    if (suite === undefined)
      throw new ArgumentError(`no suite '${name}'${near(name, suiteNames)} (${suiteNames.join(', ')})`)
    return suite
  })
  const chosen = suites.length === 0 ? suiteNames : suites
  requireCase(values.only, chosen)
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes)
  if (minutes !== undefined && !(minutes > 0 && minutes <= 240))
    throw new ArgumentError(`--minutes takes a number from 1 to 240, not '${values.minutes ?? ''}'`)
  return {
    suites: chosen,
    isWhole: suites.length > 0,
    soakSeconds: readSoak(values.soak),
    quick: values.quick,
    minutes,
    profileDir: values.profile,
    only: values.only,
    realtime: values.realtime,
    help: values.help,
  }
}

/** A word that fits no case would measure nothing, and say nothing. */
function requireCase(only: string, chosen: readonly SuiteName[]): void {
  const cases = chosen.flatMap((name) => [...measured[name].cases])
  if (cases.some((id) => id.includes(only))) return
  throw new ArgumentError(`--only ${only} fits no case${near(only, cases)} (${cases.join(', ')})`)
}

function near(word: string, words: readonly string[]): string {
  const found = nearestWord(word, words)
  return found === undefined ? '' : `, did you mean '${found}'?`
}

const soakForm = /^(\d+)(s|m)$/

function readSoak(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, count, unit] = soakForm.exec(text) ?? []
  const seconds = Number(count) * (unit === 'm' ? 60 : 1)
  if (seconds >= 5 && seconds <= 14_400) return seconds
  throw new ArgumentError(`--soak takes a time from 5s to 240m, such as 10m, not '${text}'`)
}

const options = {
  quick: { type: 'boolean', default: false },
  minutes: { type: 'string' },
  soak: { type: 'string' },
  profile: { type: 'string' },
  realtime: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  help: { type: 'boolean', default: false, short: 'h' },
} as const

/** Node's own words, and the option that was probably meant. */
function optionFault(args: readonly string[], error: unknown): string {
  const names = Object.keys(options).map((name) => `--${name}`)
  const unknown = args.find((arg) => arg.startsWith('--') && !names.includes(arg.split('=')[0] ?? ''))
  if (unknown !== undefined) return `no option '${unknown}'${near(unknown, names)} (${names.join(', ')})`
  return error instanceof Error ? error.message : String(error)
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options,
    })
  } catch (error) {
    throw new ArgumentError(optionFault(args, error), { cause: error })
  }
}
