import { StartError } from './errors.ts'
import { createLogger, type Logger } from './log.ts'
import type { PartMessage } from './part.ts'

const stopLimitMs = 1500

/** Something that runs until it is stopped. */
export interface Running {
  readonly name: string
  readonly urls: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/**
 * Entry of a process. Starts what it is for, tells the parent (or stderr) how that went, and stops it on SIGTERM,
 * SIGINT or when the parent is gone, within 1.5 s whatever happens.
 * A StartError is shown as its message and hint, without a stack; the exit code is then 1.
 * @param begin may throw, as what it started may.
 */
export async function runProcess(
  name: string,
  begin: () => { readonly log: Logger; readonly started: Promise<Running> },
): Promise<void> {
  const stopAsked = untilStopAsked()
  try {
    const { log, started } = begin()
    exitOnCrash(log)
    const running = await Promise.race([started, stopAsked])
    if (running === undefined) return process.exit(0)
    await tellParent({ type: 'ready', urls: running.urls })
    await stopAsked
    await stop(running, log)
  } catch (error) {
    await tellFailure(name, error)
    process.exit(1)
  }
}

function untilStopAsked(): Promise<undefined> {
  return new Promise((resolve) => {
    const ask = (): void => resolve(undefined)
    process.on('SIGTERM', ask)
    process.on('SIGINT', ask)
    if (process.channel === undefined) return
    process.once('disconnect', ask)
    // A terminal that is closed tells everything that was started in it; the parent, which was told too, asks each to stop.
    process.on('SIGHUP', () => undefined)
  })
}

async function stop(running: Running, log: Logger): Promise<never> {
  const limit = setTimeout(() => {
    log.error(`${running.name} did not stop within ${stopLimitMs} ms`)
    process.exit(1)
  }, stopLimitMs)
  try {
    await running.stop()
  } catch (error) {
    log.error({ err: error }, `${running.name} did not stop cleanly`)
    process.exit(1)
  }
  clearTimeout(limit)
  // A handle that somebody forgot must not keep the process.
  return process.exit(0)
}

function exitOnCrash(log: Logger): void {
  // An 'unhandledRejection' arrives here as well: without a listener of its own, Node raises it as this.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'crashed')
    process.exit(1)
  })
}

async function tellFailure(name: string, error: unknown): Promise<void> {
  const { message, hint } = describeFailure(name, error)
  if (!(error instanceof StartError)) createLogger({ name }).fatal({ err: error }, message)
  if (process.send === undefined) process.stderr.write(`${message}\n  ${hint}\n`)
  await tellParent({ type: 'failed', message, hint })
}

function describeFailure(name: string, error: unknown): { readonly message: string; readonly hint: string } {
  if (error instanceof StartError) return { message: error.message, hint: error.hint }
  const reason = error instanceof Error ? error.message : String(error)
  return {
    message: `${name} failed to start: ${reason}`,
    hint: 'this is a fault in Gatehouse; its log says where',
  }
}

/** Waits until the message is on its way: an exit right after `send` would lose it. */
function tellParent(message: PartMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve()
    // A parent that is gone cannot be told; the 'disconnect' event then stops this process.
    process.send(message, undefined, undefined, () => resolve())
  })
}
