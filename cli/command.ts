/** One option of a command, as `node:util` parseArgs takes it, with its words for the help. */
export interface Option {
  readonly type: 'boolean' | 'string'
  /** What stands for the value in the help: `--config <file>`. Only for `string`. */
  readonly value?: string
  /** The actions of a group that take it, if not all do. */
  readonly of?: readonly string[]
  readonly describe: string
}

export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** Whether a person reads `out`: only then may a password be shown. */
  readonly isTTY: boolean
  /** What is piped in. */
  readonly input: AsyncIterable<unknown>
}

export interface Invocation {
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
}

/** One row of the table in commands.ts. Heavy imports belong into `run`, so that `--help` stays quick. */
export interface Command {
  readonly summary: string
  /** What follows the command's name in the usage line, for example `<client_id>`. */
  readonly args?: string
  readonly details?: string
  readonly options: Readonly<Record<string, Option>>
  /** The process's exit code: 0 done, 1 failed. StartError and UsageError may be thrown. */
  run(invocation: Invocation): Promise<number>
}

/** The command line itself is wrong: exit code 2, with a pointer to the help. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
