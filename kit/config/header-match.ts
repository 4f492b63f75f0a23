import type { HeaderMatch } from './types.ts'

/** Header values by lower-case name; `true`: some value or other. */
export type HeaderValues = Readonly<Record<string, string | readonly string[] | true | undefined>>

/** Which of two routes for the same host, path and method is asked first: more headers, then more exact values. */
export function headerRank(matches: readonly HeaderMatch[]): number {
  return matches.length * 1_000 + matches.filter(({ value }) => value !== undefined).length
}

/** Whether a request can fit both. */
export function canBothFit(first: readonly HeaderMatch[], second: readonly HeaderMatch[]): boolean {
  const values = new Map(first.map(({ name, value }) => [name, value]))
  return second.every(({ name, value }) => {
    const other = values.get(name)
    return other === undefined || value === undefined || other === value
  })
}

/** Values are compared whole and as they are. */
export function headersFit(matches: readonly HeaderMatch[], headers: HeaderValues): boolean {
  for (const { name, value } of matches) {
    const sent = headers[name]
    if (sent === undefined || (value !== undefined && sent !== true && sent !== value)) return false
  }
  return true
}
