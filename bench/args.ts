import { parseArgs } from 'node:util'
import { nearestWord } from '@gatehouse/kit/config/nearest'
import { resolve } from 'node:path'
import type { PaceName } from './run/pace.ts'
import { suiteNames, suites as measured } from './suites.ts'
import type { SuiteName } from './suites.ts'

export interface Arguments {
  readonly suites: readonly SuiteName[]
  /** Whether they were named, not all run because none was. */
  readonly isWhole: boolean
  readonly pace: PaceName
  readonly minutes: number | undefined
  /** Seconds of the watch on memory; undefined: as long as the pace says. */
  readonly soakSeconds: number | undefined
  readonly profileDir: string | undefined
  /** Contestants and load run before everything else on their cores. */
  readonly realtime: boolean
  /** Only cases whose id contains this. */
  readonly only: string
  /** The most rows that a store is filled with; undefined: as many as there is time for. */
  readonly rows: number | undefined
  /** Where results go instead of `bench/results` and the page about performance. */
  readonly out: string | undefined
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
    pace: readPace(values),
    rows: readRows(values.rows),
    out: values.out === undefined ? undefined : resolve(values.out),
    minutes,
    profileDir: values.profile,
    only: values.only,
    realtime: values.realtime,
    help: values.help,
  }
}

/** A word that fits no case would measure nothing, and say nothing. */
function requireCase(only: string, chosen: readonly SuiteName[]): void {
  const cases = chosen.flatMap((name) => Object.keys(measured[name].cases))
  if (cases.some((id) => id.includes(only))) return
  throw new ArgumentError(`--only ${only} fits no case${near(only, cases)} (${cases.join(', ')})`)
}

function near(word: string, words: readonly string[]): string {
  const found = nearestWord(word, words)
  return found === undefined ? '' : `, did you mean '${found}'?`
}

function readPace(values: Readonly<Record<'tiny' | 'quick' | 'thorough', boolean>>): PaceName {
  const chosen = (['tiny', 'quick', 'thorough'] as const).filter((name) => values[name])
  if (chosen.length > 1)
    throw new ArgumentError(`one of ${chosen.map((name) => `--${name}`).join(', ')}, not all`)
  return chosen[0] ?? 'full'
}

function readRows(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const rows = Number(text)
  if (Number.isInteger(rows) && rows >= 10_000 && rows <= 1_000_000) return rows
  throw new ArgumentError(`--rows takes a number from 10000 to 1000000, not '${text}'`)
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
  thorough: { type: 'boolean', default: false },
  tiny: { type: 'boolean', default: false },
  rows: { type: 'string' },
  out: { type: 'string' },
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
