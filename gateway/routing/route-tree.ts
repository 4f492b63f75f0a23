import { canBothFit, headerRank, headersFit, type HeaderValues } from '@gatehouse/kit/config/header-match'
import type { HeaderMatch } from '@gatehouse/kit/config/types'
import { StartError } from '@gatehouse/kit/errors'

/** One entry to be found: a path pattern, the methods, for which hosts (none: for all), and with which headers. */
export interface TreeEntry<T> {
  /** `/api/orders`, `/api/orders/:id`, `/files/*`. */
  readonly path: string
  readonly methods: readonly string[]
  readonly hosts: readonly string[]
  readonly headers?: readonly HeaderMatch[]
  readonly value: T
}

export type Found<T> =
  | { readonly kind: 'route'; readonly value: T; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'wrong_method'; readonly allow: string }
  | { readonly kind: 'none' }

/** Two entries that the same request would reach with the same precedence. */
export class AmbiguousRoute extends StartError {
  override readonly name = 'AmbiguousRoute'

  constructor(method: string, path: string) {
    super(`two routes take ${method} ${path} with the same precedence`, {
      hint: 'give them different paths, methods, hosts or headers, or put them together',
    })
  }
}

interface Choice<T> {
  readonly value: T
  readonly names: readonly string[]
  readonly headers: readonly HeaderMatch[]
}

interface Leaf<T> {
  /** By precedence; one that takes any headers is last. */
  readonly methods: Map<string, readonly Choice<T>[]>
}

interface Node<T> {
  readonly literal: Map<string, Node<T>>
  parameter: Node<T> | undefined
  wildcard: Leaf<T> | undefined
  leaf: Leaf<T> | undefined
}

interface Hit<T> {
  readonly leaf: Leaf<T>
  readonly values: readonly string[]
}

const none = { kind: 'none' } as const
const noHeaders: HeaderValues = Object.freeze({})
const noParams: Readonly<Record<string, string>> = Object.freeze({})

/**
 * Finds the entry for a request. A host's own entries come before those for all hosts; at each segment a literal
 * comes before a parameter, and a parameter before a trailing wildcard; then the method is looked at, so that a path that
 * exists with another method is answered 405; then the headers, where entries differ in nothing else. Costs one step per segment, however many entries there are.
 */
export class RouteTree<T> {
  /** As they were given. */
  readonly entries: readonly TreeEntry<T>[]
  readonly #hosts = new Map<string, Node<T>>()
  readonly #anyHost: Node<T> = emptyNode()

  /** @throws AmbiguousRoute */
  constructor(entries: readonly TreeEntry<T>[]) {
    this.entries = entries
    for (const entry of entries) {
      if (entry.hosts.length === 0) insert(this.#anyHost, entry)
      for (const host of entry.hosts) insert(this.#rootOf(host.toLowerCase()), entry)
    }
  }

  /** @param path in canonical form. */
  find(host: string, method: string, path: string, headers: HeaderValues = noHeaders): Found<T> {
    const own = this.#hosts.get(host)
    const hit = (own && descend(own, path, 1, [])) ?? descend(this.#anyHost, path, 1, [])
    return hit === undefined ? none : choose(hit, method, headers)
  }

  #rootOf(host: string): Node<T> {
    const known = this.#hosts.get(host)
    if (known !== undefined) return known
    const root = emptyNode<T>()
    this.#hosts.set(host, root)
    return root
  }
}

function emptyNode<T>(): Node<T> {
  return { literal: new Map(), parameter: undefined, wildcard: undefined, leaf: undefined }
}

function insert<T>(root: Node<T>, entry: TreeEntry<T>): void {
  const segments = entry.path.slice(1).split('/')
  const names: string[] = []
  let node = root
  for (const segment of segments) {
    if (segment === '*') {
      node.wildcard ??= { methods: new Map() }
      return fill(node.wildcard, entry, names)
    }
    if (segment.startsWith(':')) {
      names.push(segment.slice(1))
      node = node.parameter ??= emptyNode()
    } else {
      node = child(node, segment)
    }
  }
  node.leaf ??= { methods: new Map() }
  fill(node.leaf, entry, names)
}

function child<T>(node: Node<T>, segment: string): Node<T> {
  const known = node.literal.get(segment)
  if (known !== undefined) return known
  const next = emptyNode<T>()
  node.literal.set(segment, next)
  return next
}

function fill<T>(leaf: Leaf<T>, entry: TreeEntry<T>, names: readonly string[]): void {
  for (const method of entry.methods) {
    const others = leaf.methods.get(method) ?? []
    const { headers = [], value } = entry
    const isRival = (other: Choice<T>): boolean =>
      headerRank(other.headers) === headerRank(headers) && canBothFit(other.headers, headers)
    if (others.some(isRival)) throw new AmbiguousRoute(method, entry.path)
    const choices = [...others, { value, names, headers }]
    leaf.methods.set(
      method,
      choices.toSorted((a, b) => headerRank(b.headers) - headerRank(a.headers)),
    )
  }
}

/** Every node is reached by one way only, so going back never visits a node twice. */
function descend<T>(
  node: Node<T>,
  path: string,
  from: number,
  values: readonly string[],
): Hit<T> | undefined {
  const slash = path.indexOf('/', from)
  const segment = slash === -1 ? path.slice(from) : path.slice(from, slash)
  const literal = node.literal.get(segment)
  const hit = literal && step(literal, path, slash, values)
  if (hit !== undefined) return hit
  if (node.parameter !== undefined && segment !== '') {
    const deeper = step(node.parameter, path, slash, [...values, segment])
    if (deeper !== undefined) return deeper
  }
  return node.wildcard === undefined ? undefined : { leaf: node.wildcard, values }
}

function step<T>(node: Node<T>, path: string, slash: number, values: readonly string[]): Hit<T> | undefined {
  if (slash !== -1) return descend(node, path, slash + 1, values)
  return node.leaf === undefined ? undefined : { leaf: node.leaf, values }
}

function choose<T>(hit: Hit<T>, method: string, headers: HeaderValues): Found<T> {
  const { methods } = hit.leaf
  // RFC 9110 section 9.3.2: HEAD is GET without the content.
  const choices = methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined)
  if (choices === undefined) return { kind: 'wrong_method', allow: allowed(methods) }
  for (const choice of choices) {
    if (!headersFit(choice.headers, headers)) continue
    return { kind: 'route', value: choice.value, params: paramsOf(choice.names, hit.values) }
  }
  return none
}

function allowed(methods: ReadonlyMap<string, unknown>): string {
  const names = new Set(methods.keys())
  if (names.has('GET')) names.add('HEAD')
  return [...names].join(', ')
}

function paramsOf(names: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  const [name, ...more] = names
  if (name === undefined) return noParams
  if (more.length === 0) return { [name]: decoded(values[0] ?? '') }
  return Object.fromEntries(names.map((one, at) => [one, decoded(values[at] ?? '')]))
}

function decoded(value: string): string {
  return value.includes('%') ? decodeURIComponent(value) : value
}
