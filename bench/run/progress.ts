/** One line per step on stderr, rewritten in place on a terminal. */
export class Progress {
  readonly #started = Date.now()
  readonly #inPlace = process.stderr.isTTY

  readonly #notes: string[] = []

  /** What was noted, for targets that were not reached. */
  get notes(): readonly string[] {
    return this.#notes
  }

  step(text: string): void {
    const seconds = Math.round((Date.now() - this.#started) / 1000)
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
    const line = `${clock}  ${text}`
    process.stderr.write(this.#inPlace ? `\r\u001B[2K${line}` : `${line}\n`)
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
