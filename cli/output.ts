import type { Invocation } from './command.ts'
import { isRecord, textOf } from './json.ts'

/** What a command prints: one JSON object per line with --json, else words for people. */
export class Output {
  readonly #invocation: Invocation

  constructor(invocation: Invocation) {
    this.#invocation = invocation
  }

  get isJson(): boolean {
    return this.#invocation.options['json'] === true
  }

  /** One thing: its members, a line each. */
  one(event: string, item: unknown): void {
    const { terminal } = this.#invocation
    const members = isRecord(item) ? item : {}
    if (this.isJson) return terminal.out(JSON.stringify({ event, ...members }))
    for (const [name, value] of Object.entries(members)) terminal.out(`${name}: ${cell(value)}`)
  }

  /** That something is done. */
  say(event: string, text: string, members: Readonly<Record<string, unknown>> = {}): void {
    this.#invocation.terminal.out(this.isJson ? JSON.stringify({ event, ...members }) : text)
  }

  /** A page of a list, in columns, and how to get the next. */
  page(event: string, page: unknown, columns: readonly string[]): void {
    const items = isRecord(page) && Array.isArray(page['items']) ? page['items'].filter(isRecord) : []
    this.list(event, items, columns)
    const next = isRecord(page) ? textOf(page['next']) : undefined
    if (next === undefined) return
    if (this.isJson) this.#invocation.terminal.out(JSON.stringify({ event: 'more', after: next }))
    else this.#invocation.terminal.err(`there are more: --after ${next}`)
  }

  list(event: string, items: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): void {
    const { terminal } = this.#invocation
    if (this.isJson) {
      for (const item of items) terminal.out(JSON.stringify({ event, ...item }))
      return
    }
    if (items.length === 0) return terminal.err('none')
    const rows = [
      columns.map((name) => name.replaceAll('_', ' ')),
      ...items.map((item) => columns.map((name) => cell(item[name]))),
    ]
    const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
    for (const row of rows) {
      terminal.out(
        row
          .map((text, at) => text.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd(),
      )
    }
  }
}

/** Names and details come from outside: nothing in them may steer the terminal. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '-'
  const text = Array.isArray(value) ? value.map(String).join(',') : plain(value)
  return text.replaceAll(/\p{Cc}/gu, '?')
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '-')
}
