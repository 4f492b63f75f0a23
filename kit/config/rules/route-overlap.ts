import type { ConfigDocument } from '../document.ts'
import { canBothFit, headerRank } from '../header-match.ts'
import type { HeaderMatch } from '../types.ts'
import { listAt, textAt, textsAt, valueAt } from '../written.ts'

interface Claim {
  readonly index: number
  readonly id: string
  readonly path: string
  readonly methods: readonly string[]
  /** Undefined: any host. Such a route and one for certain hosts do not overlap: the latter goes first. */
  readonly hosts: readonly string[] | undefined
  readonly headers: readonly HeaderMatch[]
}

/**
 * Two routes that would take the same request with the same precedence: which of them did would depend on
 * their order in the file, which nobody looks at.
 */
export function routesDoNotOverlap(document: ConfigDocument): void {
  const byShape = new Map<string, Claim[]>()
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    const path = textAt(route, 'match', 'path')
    if (path === undefined) continue
    const claim = readClaim(route, index, path)
    const rivals = byShape.get(shapeOf(path)) ?? []
    for (const rival of rivals) noteOverlap(rival, claim, document)
    byShape.set(shapeOf(path), [...rivals, claim])
  }
}

function readClaim(route: unknown, index: number, path: string): Claim {
  const anyHost = valueAt(route, 'match', 'hosts') === undefined
  return {
    index,
    id: textAt(route, 'id') ?? `routes[${index}]`,
    path,
    methods: textsAt(route, 'match', 'methods'),
    hosts: anyHost ? undefined : textsAt(route, 'match', 'hosts'),
    headers: listAt(route, 'match', 'headers').flatMap(readHeader),
  }
}

function readHeader(header: unknown): readonly HeaderMatch[] {
  const name = textAt(header, 'name')?.toLowerCase()
  const value = textAt(header, 'value')
  if (name === undefined) return []
  return [value === undefined ? { name } : { name, value }]
}

function shapeOf(path: string): string {
  return path
    .split('/')
    .map((segment) => (segment.startsWith(':') ? ':' : segment))
    .join('/')
}

function noteOverlap(first: Claim, second: Claim, document: ConfigDocument): void {
  const method = first.methods.find((name) => second.methods.includes(name))
  if (method === undefined || !shareHost(first.hosts, second.hosts)) return
  if (headerRank(first.headers) !== headerRank(second.headers)) return
  if (!canBothFit(first.headers, second.headers)) return
  document.fault(
    ['routes', second.index, 'match', 'path'],
    `'${second.id}' overlaps '${first.id}': both take ${method} ${first.path} with the same precedence`,
  )
}

function shareHost(first: Claim['hosts'], second: Claim['hosts']): boolean {
  if (first === undefined || second === undefined) return first === second
  return first.some((host) => second.includes(host))
}
