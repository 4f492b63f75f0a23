export interface RepeatOptions {
  /** Milliseconds from one beginning to the next; the first comes after as many. */
  readonly everyMs: number
  /** One round; it should end early once `stopped` is aborted. */
  readonly run: (stopped: AbortSignal) => Promise<void>
  /** Told why a round did not work; the next one comes at its time. */
  readonly failed: (error: unknown) => void
}

/**
 * Does something now and then, never twice at a time. It does not keep the process alive.
 * @returns stops it, and waits for a round that is under way. Never rejects.
 */
export function repeat({ everyMs, run, failed }: RepeatOptions): () => Promise<void> {
  const stopped = new AbortController()
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    running ??= run(stopped.signal)
      .catch(failed)
      .finally(() => (running = undefined))
  }, everyMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    stopped.abort()
    await running
  }
}
