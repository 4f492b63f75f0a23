/** One line per step on stderr, rewritten in place on a terminal, with the time so far and the time that it will take. */
export class Progress {
  readonly #started = Date.now()
  readonly #inPlace = process.stderr.isTTY
  readonly #notes: string[] = []
  /** Tells when the run will be done, in milliseconds of Date.now(). */
  expectedEnd: (() => number) | undefined

  /** What was noted, for targets that were not reached. */
  get notes(): readonly string[] {
    return this.#notes
  }

  step(text: string): void {
    const line = `${this.#clock()}  ${text}`
    process.stderr.write(this.#inPlace ? `\r\u001B[2K${line}` : `${line}\n`)
  }

  #clock(): string {
    const now = clockText(Date.now() - this.#started)
    return this.expectedEnd === undefined ? now : `${now} of ${clockText(this.expectedEnd() - this.#started)}`
  }

  /** A line that stays: something skipped, something wrong. */
  note(text: string): void {
    this.#notes.push(text.split('\n')[0] ?? '')
    process.stderr.write(this.#inPlace ? `\r\u001B[2K${text}\n` : `${text}\n`)
  }

  clear(): void {
    if (this.#inPlace) process.stderr.write('\r\u001B[2K')
  }
}

function clockText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
