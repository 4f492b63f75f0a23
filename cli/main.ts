import { readFileSync } from 'node:fs'
import { StartError } from '@gatehouse/kit/errors'
import { type Invocation, type Terminal, UsageError } from './command.ts'
import { commands } from './commands.ts'
import { failureJson, failureText } from './failure.ts'
import { commandHelp, overview } from './help.ts'
import { parse, unknown } from './parse.ts'

/** What a command line has to do with. */
export interface World {
  readonly terminal: Terminal
  readonly env: Invocation['env']
}

/** Runs one command line; answers the exit code: 0 done, 1 failed, 2 not understood. */
export async function main(
  argv: readonly string[],
  world: World = { terminal: processTerminal(), env: process.env },
): Promise<number> {
  const { terminal } = world
  const json = argv.includes('--json')
  try {
    return await dispatch(argv, world)
  } catch (error) {
    if (error instanceof UsageError) {
      if (json) terminal.out(failureJson({ message: error.message, hint: '--help tells what there is' }))
      else terminal.err(`gatehouse: ${error.message}`)
      return 2
    }
    if (!(error instanceof StartError)) throw error
    if (json) terminal.out(failureJson(error))
    else terminal.err(failureText(error))
    return 1
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  const { terminal, env } = world
  const [word, ...rest] = argv
  if (word === undefined) throw new UsageError(`which command?\n\n${overview(commands)}`)
  if (word === '--version') return show(terminal, version(rest.includes('--json')))
  if (word === '--help' || (word === 'help' && rest[0] === undefined))
    return show(terminal, overview(commands))
  if (word === 'help') return dispatch([...rest, '--help'], world)
  const command = commands.get(word)
  if (command === undefined) throw unknown('command', word, [...commands.keys(), 'help'], '--help')
  const { options, args } = parse(word, command, rest)
  if (options['help'] === true) return show(terminal, commandHelp(word, command))
  return command.run({ options, args, env, terminal })
}

function show(terminal: Terminal, text: string): number {
  terminal.out(text)
  return 0
}

function version(json: boolean): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const named = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  const versions = { gatehouse: named ? String(manifest.version) : 'unknown', node: process.versions.node }
  return json
    ? JSON.stringify({ event: 'version', ...versions })
    : `gatehouse ${versions.gatehouse} (Node ${versions.node})`
}

function processTerminal(): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isReaderGone(error)) return
    const message = `what this command had to say could not be written (${error.code ?? 'unknown error'})`
    const hint = 'make room where its output goes, and look at what it has done'
    process.stderr.write(`${failureText({ message, hint })}\n`)
    process.exit(1)
  })
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (!isReaderGone(error)) process.exit(1)
  })
  return {
    // Not what `write` answers: an action that ends with it would have it for its exit code.
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    isTTY: process.stdout.isTTY,
    input: process.stdin,
  }
}

/** Such as `npm start | head`, which must not take the house down with it. */
function isReaderGone(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE'
}
