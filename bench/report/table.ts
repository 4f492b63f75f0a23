import type { TargetResult } from '../targets.ts'
import type { Table } from './result.ts'

/** Columns of text, the first to the left, the others to the right. */
export function tableText(table: Table): string {
  const rows = [table.columns, ...table.rows]
  const widths = table.columns.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))))
  const line = (row: readonly string[]): string =>
    widths
      .map((w, column) => padded(row[column] ?? '', w, column > 0))
      .join('  ')
      .trimEnd()
  const rule = widths.map((w) => '─'.repeat(w)).join('──')
  const [head = '', ...body] = rows.map(line)
  return [table.title, rule, head, rule, ...body, ...table.notes.map((note) => `  ${note}`), ''].join('\n')
}

export function targetsTable(results: readonly TargetResult[]): Table {
  return {
    title: 'Targets',
    columns: ['what', 'target', 'reached', ''],
    rows: results.map(({ name, target, reached, met, note }) => [
      name,
      target,
      reached === null ? '–' : String(reached),
      reached === null ? `not measured: ${note ?? ''}` : met ? 'met' : 'MISSED',
    ]),
    notes: [],
  }
}

function width(text: string): number {
  return text.length
}

function padded(text: string, to: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, to - width(text)))
  return right ? space + text : text + space
}
