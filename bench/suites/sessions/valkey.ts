import { freePort } from '../../../test/harness/ports.ts'
import { accepting, missing } from '../../contestants/program.ts'
import type { Child } from '../../run/child.ts'
import type { Stage } from '../../run/stage.ts'

const commands = ['valkey-server', 'redis-server']

/** Valkey, or Redis in its place, on the load's core, in memory only. Undefined where there is none, with a line. */
export async function startValkey(
  stage: Stage,
): Promise<{ readonly child: Child; readonly url: string } | undefined> {
  const command = commands.find((name) => missing(name, name) === undefined)
  if (command === undefined) {
    stage.progress.note('skipped: valkey: neither valkey-server nor redis-server here (Debian: redis-server)')
    return undefined
  }
  const port = await freePort()
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = stage.spawn('valkey', command, [...flags, '--dir', stage.dir], stage.cores.load)
  await accepting(port)
  return { child, url: `redis://127.0.0.1:${port}/0` }
}
