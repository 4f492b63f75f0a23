import { StartError } from '@gatehouse/kit/errors'
import type { Command, Invocation } from './command.ts'
import { json, places } from './options.ts'
import { withFile } from './plan.ts'
import type { Change } from './plan/changes.ts'

export const apply: Command = {
  summary: 'Makes what runs as the configuration says: clients and roles',
  args: '[file]',
  details: `Makes the differences that plan shows; a second time there are none. What the file does not name stays, unless
--prune is given: then undeclared clients are deleted, and the roles that the file names are taken from everybody else.
Stops at the first change that is refused; those before it are made.`,
  options: {
    prune: { type: 'boolean', describe: 'also delete clients and take roles that the file does not name' },
    ...places,
    json,
  },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { AdminClient } = await import('./client.ts')
  const { changesOf } = await import('./plan/changes.ts')
  const { make } = await import('./plan/make.ts')
  const { showChange } = await import('./plan/show.ts')
  const { Output } = await import('./output.ts')
  const out = new Output(invocation)
  const admin = AdminClient.open(withFile(invocation))
  const changes = (await changesOf(admin)).filter(
    ({ prune }) => !prune || invocation.options['prune'] === true,
  )
  for (const change of changes) {
    await make(admin, change).catch((error: unknown) => {
      throw named(error, change)
    })
    showChange(out, 'changed', { ...change, prune: false })
  }
  out.say('applied', changes.length === 0 ? 'nothing to do' : `${changes.length} done`, {
    changes: changes.length,
  })
  return 0
}

/** What was refused, with the entry that it was about: the server knows of no file. */
function named(error: unknown, { kind, name }: Change): unknown {
  if (!(error instanceof StartError)) return error
  const { message, hint } = error
  return new StartError(`${kind} ${name}: ${message}`, { hint, cause: error })
}
