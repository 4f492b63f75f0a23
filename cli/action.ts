import type { AdminClient } from './client.ts'
import { UsageError, type Command, type Invocation, type Option } from './command.ts'
import { json, places } from './options.ts'
import type { Output } from './output.ts'
import { checkTaken, unknown } from './parse.ts'

export interface ActionCall {
  readonly admin: AdminClient
  readonly out: Output
  readonly input: AsyncIterable<unknown>
  readonly options: Invocation['options']
  /** The action's argument; empty when it takes none. */
  readonly arg: string
}

/** One word of a group of commands. */
export interface Action {
  /** Name of its one argument. */
  readonly arg?: string
  readonly describe: string
  run(call: ActionCall): Promise<number | void>
}

/** Options of every list. */
export const listOptions = {
  q: { type: 'string', value: 'text', of: ['list'], describe: 'only what contains this' },
  limit: { type: 'string', value: 'count', of: ['list'], describe: 'how many, at most 200 (50)' },
  after: { type: 'string', value: 'key', of: ['list'], describe: 'what the page before said' },
} as const satisfies Record<string, Option>

/** A command whose first word says what to do; without one it lists. */
export function group(
  name: string,
  spec: {
    readonly summary: string
    readonly options?: Readonly<Record<string, Option>>
    readonly actions: Readonly<Record<string, Action>>
    readonly details?: string
  },
): Command {
  const actions = new Map(Object.entries(spec.actions))
  const heads = [...actions].map(([word, { arg }]) => (arg === undefined ? word : `${word} <${arg}>`))
  const width = Math.max(...heads.map((head) => head.length))
  const table = [...actions.values()].map(
    ({ describe }, at) => `  ${heads[at]?.padEnd(width) ?? ''}  ${describe}`,
  )
  const options = { ...spec.options, ...places, json }
  return {
    summary: spec.summary,
    args: heads.join(' | '),
    details: [...table, ...(spec.details === undefined ? [] : ['', spec.details])].join('\n'),
    options,
    run: (invocation) => runAction({ name, actions, options }, invocation),
  }
}

interface Group {
  readonly name: string
  readonly actions: ReadonlyMap<string, Action>
  readonly options: Readonly<Record<string, Option>>
}

async function runAction({ name, actions, options: known }: Group, invocation: Invocation): Promise<number> {
  const [word = 'list', arg, more] = invocation.args
  const action = actions.get(word)
  if (action === undefined) throw unknown('action', word, actions.keys(), `${name} --help`)
  if ((arg !== undefined) !== (action.arg !== undefined) || more !== undefined) {
    const wanted = action.arg === undefined ? 'nothing more' : `one <${action.arg}>`
    throw new UsageError(`${name} ${word} takes ${wanted} (see: ${name} --help)`)
  }
  checkTaken(name, word, known, invocation.options)
  const [{ AdminClient }, { Output }] = await Promise.all([import('./client.ts'), import('./output.ts')])
  const { options, terminal } = invocation
  const call = { options, input: terminal.input, arg: arg ?? '', out: new Output(invocation) }
  const code = await action.run({ ...call, admin: AdminClient.open(invocation) })
  return code ?? 0
}

/** A query of what was given of these options. */
export function queryOf(options: Invocation['options'], names: readonly string[]): string {
  const given = names.flatMap((name) => {
    const value = options[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  return given.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(given)).toString()}`
}
