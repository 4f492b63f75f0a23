import type { IncomingHttpHeaders } from 'node:http'

export * from '../../gateway/upstream/request-headers.ts'

const replaced: ReadonlySet<string> = new Set(['host', 'connection', 'authorization'])

/** Passes on what comes, as a plain proxy does. */
export function allowedRequestHeaders(headers: IncomingHttpHeaders): string[] {
  const kept: string[] = []
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || replaced.has(name)) continue
    kept.push(name, typeof value === 'string' ? value : value.join(', '))
  }
  return kept
}
