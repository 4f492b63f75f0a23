import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Platform } from './platform.ts'
import { root } from './sources.ts'

/** A service of the platform as a process of its own, as `npm start` runs it: one that can be killed. */
export interface PartProcess {
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Moves its clock (clock.ts). */
  advance(ms: number): void
}

/**
 * Starts it on the platform's data, configuration and ports; resolves when it takes requests.
 * @param shiftMs how far the test's clock is moved already
 */
export async function startPartProcess(
  t: { teardown(run: () => Promise<void>): unknown },
  platform: Platform,
  part: 'users' | 'orders' | 'inventory',
  shiftMs: number,
): Promise<PartProcess> {
  const child = fork(join(root, 'services', part, 'main.ts'), [], {
    cwd: root,
    execArgv: ['--import', pathToFileURL(join(root, 'test/harness/part-clock.ts')).href],
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      GATEHOUSE_DATA: platform.paths.dir,
      GATEHOUSE_CONFIG: join(platform.paths.dir, 'gatehouse.yaml'),
      GATEHOUSE_PORT_BASE: String(platform.portBase),
      GATEHOUSE_LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone
  }
  t.teardown(kill)
  // One that is being killed cannot be told.
  const advance = (ms: number): void => void child.send({ advance: ms }, () => undefined)
  advance(shiftMs)
  const [message]: unknown[] = await Promise.race([once(child, 'message'), gone])
  if (Object(message).type !== 'ready') throw new Error(`${part} did not start: ${JSON.stringify(message)}`)
  return { kill, advance }
}
