import { parseArgs } from 'node:util'
import { suggestion } from '@gatehouse/kit/config/nearest'
import { type Command, type Invocation, type Option, UsageError } from './command.ts'
import { help } from './options.ts'

/** Ids of keys, grants and sessions are base64url (RFC 4648 section 5): one in 64 begins as an option does. */
const idLikeOption = /^-[\w-]{19,}$/

/** Reads what follows a command's name. Anything that the command's table does not know is a UsageError. */
export function parse(word: string, command: Command, rest: string[]): Pick<Invocation, 'options' | 'args'> {
  const known: Readonly<Record<string, Option>> = { ...command.options, help }
  const { values, positionals, tokens } = parseArgs({
    args: command.args === undefined ? rest : idsLast(rest, known),
    options: Object.fromEntries(Object.entries(known).map(([name, { type }]) => [name, { type }])),
    allowPositionals: true,
    // parseArgs' own errors know no nearest word; the check below does.
    strict: false,
    tokens: true,
  })
  const given = tokens.filter((token) => token.kind === 'option')
  for (const token of given) checkOption(word, known, token)
  const names = given.map(({ name }) => name)
  const twice = names.find((name, at) => known[name]?.type === 'string' && names.indexOf(name) < at)
  if (twice !== undefined) throw new UsageError(`--${twice} is given twice (see: ${word} --help)`)
  if (positionals.length > 0 && command.args === undefined && values['help'] !== true) {
    throw new UsageError(`${word} takes no '${positionals.join(' ')}' (see: ${word} --help)`)
  }
  return { options: single(values), args: positionals }
}

/** Ids that look like options behind the `--` that says that they are none. */
function idsLast(rest: readonly string[], known: Readonly<Record<string, Option>>): string[] {
  if (rest.includes('--')) return [...rest]
  const optionOf = (text: string) => {
    const name = text.replace(/^--/, '')
    return Object.hasOwn(known, name) ? known[name] : undefined
  }
  const ids = rest.filter((text, at) => {
    const isValue = optionOf(rest[at - 1] ?? '')?.type === 'string'
    return idLikeOption.test(text) && optionOf(text) === undefined && !isValue
  })
  return [...rest.filter((text) => !ids.includes(text)), '--', ...ids]
}

/**
 * Refuses an option that this action of a group would pass over: whoever wrote it takes it for done.
 * @throws UsageError
 */
export function checkTaken(
  group: string,
  action: string,
  known: Readonly<Record<string, Option>>,
  options: Invocation['options'],
): void {
  for (const name of Object.keys(options)) {
    const of = known[name]?.of
    if (of === undefined || of.includes(action)) continue
    const others = of.map((other) => `\`${group} ${other}\``).join(', ')
    throw new UsageError(
      `${group} ${action} takes no --${name}: that is for ${others} (see: ${group} --help)`,
    )
  }
}

/** Says what is not known, and the word that was probably meant. */
export function unknown(kind: string, word: string, known: Iterable<string>, see: string): UsageError {
  return new UsageError(`unknown ${kind} '${word}'${suggestion(word, known)} (see: ${see})`)
}

function checkOption(
  word: string,
  known: Readonly<Record<string, Option>>,
  given: {
    readonly name: string
    readonly rawName: string
    readonly value?: string | undefined
    readonly inlineValue?: boolean | undefined
  },
): void {
  const option = Object.hasOwn(known, given.name) ? known[given.name] : undefined
  if (option === undefined) {
    const flags = Object.keys(known).map((name) => `--${name}`)
    throw unknown('option', given.rawName, flags, `${word} --help`)
  }
  const isNext = given.inlineValue === false && isOption(given.value ?? '', known)
  const hasValue = given.value !== undefined && given.value !== '' && !isNext
  if ((option.type === 'string') === hasValue) return
  throw new UsageError(`${given.rawName} takes ${hasValue ? 'no' : 'a'} value (see: ${word} --help)`)
}

/** What parseArgs takes for a value though it is the next option: the value was left out. One that is meant is `--name=--json`. */
function isOption(text: string, known: Readonly<Record<string, Option>>): boolean {
  const [, name] = /^--([^=]*)/.exec(text) ?? []
  return name === '' || (name !== undefined && Object.hasOwn(known, name))
}

function single(values: Readonly<Record<string, unknown>>): Invocation['options'] {
  const entries = Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'boolean' ? [[name, value] as const] : [],
  )
  return Object.fromEntries(entries)
}
