import { UsageError, type Command, type Invocation } from './command.ts'
import { json, places } from './options.ts'

export const plan: Command = {
  summary: 'Shows the difference between the configuration and what runs: clients and roles',
  args: '[file]',
  details: `Compares idp.clients and idp.roles of the configuration (or of [file]) with the identity server that runs, and
changes nothing. A secret cannot be compared. What runs and is not in the file is only taken away by apply --prune.
Exit code 0; with --check 2 when there are differences, those for --prune not counted unless --prune is given too.`,
  options: {
    check: { type: 'boolean', describe: 'exit code 2 when there are differences' },
    prune: { type: 'boolean', describe: 'count what the file does not name as a difference' },
    ...places,
    json,
  },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { options } = invocation
  const { AdminClient } = await import('./client.ts')
  const { changesOf } = await import('./plan/changes.ts')
  const { showChange } = await import('./plan/show.ts')
  const { Output } = await import('./output.ts')
  const out = new Output(invocation)
  const changes = await changesOf(AdminClient.open(withFile(invocation)))
  for (const change of changes) showChange(out, 'difference', change)
  const counted = changes.filter(({ prune }) => !prune || options['prune'] === true)
  const command = counted.some(({ prune }) => prune) ? 'apply --prune' : 'apply'
  out.say('planned', counted.length === 0 ? 'nothing to do' : `${counted.length} to do: \`${command}\``, {
    differences: counted.length,
  })
  return options['check'] === true && counted.length > 0 ? 2 : 0
}

/** `[file]` is another way to write --config. */
export function withFile(invocation: Invocation): Invocation {
  const [file, more] = invocation.args
  if (more !== undefined) throw new UsageError('one file at most (see: plan --help, apply --help)')
  return file === undefined ? invocation : { ...invocation, options: { ...invocation.options, config: file } }
}
