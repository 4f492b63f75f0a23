import type { RecordedTarget, RunRecord } from './write.ts'

const [begin, end] = ['<!-- written by npm run bench -->', '<!-- end of what npm run bench writes -->']

/** The page with the table of targets between its two marks written anew. @throws Error without the marks */
export function pageWith(
  page: string,
  record: Pick<RunRecord, 'at' | 'pace' | 'machine' | 'targets'>,
): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the page has no lines '${begin}' and '${end}'`)
  return `${page.slice(0, from + begin.length)}\n\n${blockOf(record)}\n\n${page.slice(to)}`
}

function blockOf({
  at,
  pace,
  machine,
  targets,
}: Pick<RunRecord, 'at' | 'pace' | 'machine' | 'targets'>): string {
  const met = targets.filter((target) => target.met).length
  const unknown = targets.filter(({ reached }) => reached === null).length
  const text = (key: string): string => String(machine[key])
  const head = `${met} of ${targets.length} targets met${unknown === 0 ? '' : `, ${unknown} not measured`}; ${at.slice(0, 10)}, ${text('cpu')}, ${text('cores')} cores, Node ${text('node')}, ${pace} pace, commit ${text('commit')}.`
  const rows = targets.map((target) => `| ${rowOf(target, at).join(' | ')} |`)
  return [head, '', '| what | reached (range of rounds) | target | |', '|---|---|---|---|', ...rows].join(
    '\n',
  )
}

function rowOf({ name, target, reached, met, range, note, measured }: RecordedTarget, at: string): string[] {
  const when =
    measured === undefined || measured === at ? '' : ` (${measured.slice(0, 16).replace('T', ' ')})`
  if (reached === null) return [name, '–', target, `not measured: ${note ?? ''}`]
  const [low, high] = range ?? []
  const spread = low === undefined || high === undefined ? '' : ` (${low} – ${high})`
  return [name, `${reached}${spread}`, target, `${met ? 'met' : '**missed**'}${when}`]
}
