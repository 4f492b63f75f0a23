const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * One Ctrl-C arrives twice under `npm start`: from the terminal, and handed on by npm. A second one is taken for
 * impatience only after this long.
 */
const sameKeyMs = 400

export interface StopSignals {
  /** Resolves with the first signal's name. */
  readonly signal: Promise<string>
  readonly aborted: AbortSignal
  /** A second one came: this process ends as soon as its listeners have run. */
  readonly insisted: AbortSignal
  close(): void
}

/** Waits for the word to stop; a repeated one ends this process at once. */
export function listenForStop(): StopSignals {
  const controller = new AbortController()
  const insistence = new AbortController()
  const { promise, resolve } = Promise.withResolvers<string>()
  let first: number | undefined
  const onSignal = (name: NodeJS.Signals) => {
    if (first === undefined) {
      first = performance.now()
      controller.abort()
      resolve(name)
    } else if (performance.now() - first > sameKeyMs) {
      insistence.abort()
      process.exit(1)
    }
  }
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: promise,
    aborted: controller.signal,
    insisted: insistence.signal,
    close: () => signals.forEach((name) => process.off(name, onSignal)),
  }
}
