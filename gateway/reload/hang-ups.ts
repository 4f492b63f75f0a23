/**
 * SIGHUP from the first moment on: what nobody listens for ends a process, and one that comes while the gateway starts is
 * meant for what was read before.
 */
export class HangUps {
  #listener: (() => void) | undefined
  #isMissed = false

  constructor(opened: AsyncDisposableStack) {
    const onHangUp = (): void => {
      if (this.#listener === undefined) this.#isMissed = true
      else this.#listener()
    }
    process.on('SIGHUP', onHangUp)
    opened.defer(() => void process.off('SIGHUP', onHangUp))
  }

  /** Tells of each from now on, and at once if there was one before. */
  tell(listener: () => void): void {
    this.#listener = listener
    if (this.#isMissed) listener()
  }
}
