/** The lines that parts have logged, kept in memory; printed too when GATEHOUSE_TEST_LOGS is set. */
export class LogLines {
  readonly #lines: { readonly part: string; readonly line: string }[] = []

  destination(part: string): { write(text: string): void } {
    const show = process.env['GATEHOUSE_TEST_LOGS'] !== undefined
    return {
      // One write can hold several lines: the gateway's access log comes in batches.
      write: (text) => {
        for (const line of text.split('\n').filter(Boolean)) {
          this.#lines.push({ part, line })
          if (show) process.stderr.write(`${part} | ${line}\n`)
        }
      },
    }
  }

  /** @param part only this one's; without it all of them, in the order in which they came */
  of(part?: string): readonly string[] {
    return this.#lines.filter((entry) => part === undefined || entry.part === part).map(({ line }) => line)
  }
}
