import { parseArgs } from 'node:util'
import { suggestion } from '@gatehouse/kit/config/nearest'
import { type Command, type Invocation, type Option, UsageError } from './command.ts'
import { help } from './options.ts'

/** Reads what follows a command's name. Anything that the command's table does not know is a UsageError. */
export function parse(word: string, command: Command, rest: string[]): Pick<Invocation, 'options' | 'args'> {
  const known: Readonly<Record<string, Option>> = { ...command.options, help }
  const { values, positionals, tokens } = parseArgs({
    args: rest,
    options: Object.fromEntries(Object.entries(known).map(([name, { type }]) => [name, { type }])),
    allowPositionals: true,
    // parseArgs' own errors know no nearest word; the check below does.
    strict: false,
    tokens: true,
  })
  for (const token of tokens) if (token.kind === 'option') checkOption(word, known, token)
  if (positionals.length > 0 && command.args === undefined && values['help'] !== true) {
    throw new UsageError(`${word} takes no '${positionals.join(' ')}' (see: ${word} --help)`)
  }
  return { options: single(values), args: positionals }
}

/** Says what is not known, and the word that was probably meant. */
export function unknown(kind: string, word: string, known: Iterable<string>, see: string): UsageError {
  return new UsageError(`unknown ${kind} '${word}'${suggestion(word, known)} (see: ${see})`)
}

function checkOption(
  word: string,
  known: Readonly<Record<string, Option>>,
  given: { readonly name: string; readonly rawName: string; readonly value?: string | undefined },
): void {
  const option = Object.hasOwn(known, given.name) ? known[given.name] : undefined
  if (option === undefined) {
    const flags = Object.keys(known).map((name) => `--${name}`)
    throw unknown('option', given.rawName, flags, `${word} --help`)
  }
  const hasValue = given.value !== undefined && given.value !== ''
  if ((option.type === 'string') === hasValue) return
  throw new UsageError(`${given.rawName} takes ${hasValue ? 'no' : 'a'} value (see: ${word} --help)`)
}

function single(values: Readonly<Record<string, unknown>>): Invocation['options'] {
  const entries = Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'boolean' ? [[name, value] as const] : [],
  )
  return Object.fromEntries(entries)
}
