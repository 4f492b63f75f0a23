import type { Command, Option } from './command.ts'
import { help } from './options.ts'

/** The help of the whole command line, from its table. */
export function overview(commands: ReadonlyMap<string, Command>): string {
  return [
    'Gatehouse: an identity server, an API gateway, and services behind it.',
    '',
    'usage: npm run -s cli -- <command> [options]',
    '',
    ...columns([...commands].map(([name, command]) => [name, command.summary])),
    '',
    '`<command> --help` tells more. `--version` tells the version.',
  ].join('\n')
}

/** The help of one command. */
export function commandHelp(name: string, command: Command): string {
  const usage = ['usage: npm run -s cli --', name, command.args, '[options]'].filter(Boolean).join(' ')
  const options = Object.entries({ ...command.options, help })
  return [
    `${command.summary}.`,
    '',
    usage,
    '',
    ...columns(options.map(([option, spec]) => [flag(option, spec), described(spec)])),
    ...(command.details === undefined ? [] : ['', command.details]),
  ].join('\n')
}

function flag(name: string, option: Option): string {
  return option.type === 'boolean' ? `--${name}` : `--${name} <${option.value ?? 'value'}>`
}

function described({ of, describe }: Option): string {
  return of === undefined ? describe : `${of.join(', ')}: ${describe}`
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
