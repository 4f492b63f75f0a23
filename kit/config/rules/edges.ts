import type { ConfigDocument } from '../document.ts'
import { suggestion } from '../nearest.ts'
import { serviceNames } from '../services.ts'
import { keysAt, listAt, textAt } from '../written.ts'

/** An edge leads from a workload to an upstream, both known, and is there once. */
export function edgesAreKnown(document: ConfigDocument): void {
  const upstreams = keysAt(document.value, 'upstreams')
  const identities = upstreams.flatMap((name) => textAt(document.value, 'upstreams', name, 'identity') ?? [])
  const workloads = [...new Set([...serviceNames, ...identities])]
  const callees = [...new Set([...upstreams, ...serviceNames])]
  const seen = new Map<string, number>()
  for (const [index, edge] of listAt(document.value, 'edges').entries()) {
    checkName(edge, index, 'from', workloads, document)
    checkName(edge, index, 'to', callees, document)
    const key = JSON.stringify([textAt(edge, 'from'), textAt(edge, 'to')])
    const first = seen.get(key)
    if (first === undefined) seen.set(key, index)
    else document.fault(['edges', index], `is the same relation as edges[${first}]; put the scopes together`)
  }
}

function checkName(
  edge: unknown,
  index: number,
  end: 'from' | 'to',
  known: readonly string[],
  document: ConfigDocument,
): void {
  const name = textAt(edge, end)
  if (name === undefined || known.includes(name)) return
  const kind = end === 'from' ? 'workload' : 'service'
  document.fault(['edges', index, end], `there is no ${kind} '${name}'${suggestion(name, known)}`)
}
