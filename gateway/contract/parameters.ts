import type { IncomingHttpHeaders } from 'node:http'
import type { FieldFault } from '@gatehouse/kit/errors'
import type { OpenApiDocument } from '@gatehouse/kit/openapi/document'
import type { Parameter } from '@gatehouse/kit/openapi/parameter'
import { decodeForm, type Query } from './query.ts'
import { readJsonText } from './read-json.ts'
import { listedFaults, type Check, type Schemas } from './schemas.ts'
import { readFields, readList, readScalar, shapeOf, type Shape } from './shape.ts'

/** Where the parameters of a request are. */
export interface Sent {
  /** Of the path, as they were sent; the first is empty. */
  readonly segments: readonly string[]
  readonly query: Query
  readonly headers: IncomingHttpHeaders
}

interface Compiled {
  readonly parameter: Parameter
  readonly shape: Shape
  readonly check: Check
  /** Where a path parameter is among the segments. */
  readonly at: number
}

const unread = Symbol('unread')
/** No characters of a URL: they are encoded wherever they are, and so tell nothing from their like within an item. */
const encodedSeparators = { spaceDelimited: ' ', pipeDelimited: '|' } as const

/**
 * Makes the check of an operation's parameters. What the operation does not name is refused in the query: a service
 * that reads it would be reached past its own description.
 * @param routePath with the names of path parameters.
 */
export function parameterCheck(
  document: OpenApiDocument,
  schemas: Schemas,
  parameters: readonly Parameter[],
  routePath: string,
): (sent: Sent) => readonly FieldFault[] {
  const places = routePath.split('/')
  const compiled = parameters.map((parameter) => ({
    parameter,
    at: places.indexOf(`:${parameter.name}`),
    shape: shapeOf(document, parameter.schema),
    check: schemas.compile(parameter.schema),
  }))
  const isKnown = queryNames(compiled)
  return (sent) => {
    const faults = compiled.flatMap((one) => checkOne(one, sent))
    for (const name of new Set(sent.query.values.keys())) {
      if (!isKnown(name)) faults.push({ in: 'query', path: pathOf(name), message: 'is not known' })
    }
    return faults.slice(0, listedFaults)
  }
}

function queryNames(compiled: readonly Compiled[]): (name: string) => boolean {
  const names = new Set<string>()
  const deep = new Set<string>()
  for (const { parameter, shape } of compiled) {
    if (parameter.in !== 'query') continue
    if (parameter.style === 'deepObject') deep.add(parameter.name)
    else if (isExplodedObject(parameter, shape)) for (const name of shape.properties.keys()) names.add(name)
    else names.add(parameter.name)
  }
  return (name) => names.has(name) || deep.has(name.slice(0, Math.max(0, name.indexOf('['))))
}

function checkOne(compiled: Compiled, sent: Sent): FieldFault[] {
  const { parameter, check } = compiled
  const place = { in: parameter.in, path: pathOf(parameter.name) }
  const value = readValue(compiled, sent)
  if (value === unread) return [{ ...place, message: 'cannot be read' }]
  if (value === undefined) return parameter.required ? [{ ...place, message: 'is required' }] : []
  return check(value, 0).map(({ path, message }) => ({ ...place, path: place.path + path, message }))
}

function readValue({ parameter, shape, at }: Compiled, sent: Sent): unknown {
  if (parameter.in === 'query') return readQuery(parameter, shape, sent.query)
  const isPath = parameter.in === 'path'
  const written = isPath ? sent.segments[at] : headerOf(sent, parameter.name)
  if (written === undefined) return undefined
  const decode = isPath ? decodeURIComponent : asItIs
  if (parameter.style === 'json') return readJson(decode(written))
  if (isScalar(shape)) return readScalar(decode(written), shape)
  return readParts(isPath ? written.split(',') : listOf(written), shape, parameter.explode, decode)
}

type Decode = (text: string) => string

function asItIs(text: string): string {
  return text
}

function isScalar({ types }: Shape): boolean {
  return !types.has('array') && !types.has('object')
}

/** What was divided before it was decoded, where that can be: what is encoded is no separator (RFC 6570 section 3.2.1). */
function readParts(parts: readonly string[], shape: Shape, isExploded: boolean, decode: Decode): unknown {
  if (shape.types.has('array')) return readList(parts.map(decode), shape)
  return readPairs(parts, shape, isExploded, decode)
}

/** In a header blanks are no part of an item, and lines that were put together have one (RFC 9110 sections 5.3 and 5.6.1). */
function listOf(written: string): readonly string[] {
  return written.split(',').map((item) => item.trim())
}

function headerOf({ headers }: Sent, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

function readQuery(parameter: Parameter, shape: Shape, query: Query): unknown {
  const { name, style, explode } = parameter
  if (style === 'deepObject') return readDeep(name, shape, query.values)
  if (isExplodedObject(parameter, shape)) return readExploded(shape, query.values)
  const all = query.values.getAll(name)
  const [first] = all
  if (first === undefined) return undefined
  if (shape.types.has('array') && explode) return readList(all, shape)
  // Services differ in which of two they take.
  if (all.length > 1) return unread
  if (style === 'json') return readJson(first)
  if (isScalar(shape)) return readScalar(first, shape)
  if (style === 'spaceDelimited' || style === 'pipeDelimited')
    return readParts(first.split(encodedSeparators[style]), shape, false, asItIs)
  return readParts(query.rawOf(name).split(','), shape, false, decodeForm)
}

function isExplodedObject({ style, explode }: Parameter, { types }: Shape): boolean {
  return style === 'form' && explode && types.has('object')
}

function readExploded(shape: Shape, query: URLSearchParams): unknown {
  const pairs = [...query].filter(([name]) => shape.properties.has(name))
  return pairs.length === 0 ? undefined : distinct(pairs, shape)
}

function readDeep(name: string, shape: Shape, query: URLSearchParams): unknown {
  const pairs: [string, string][] = []
  for (const [key, value] of query) {
    if (!key.startsWith(`${name}[`)) continue
    const inner = key.slice(name.length + 1, -1)
    if (!key.endsWith(']') || /[[\]]/.test(inner)) return unread
    pairs.push([inner, value])
  }
  return pairs.length === 0 ? undefined : distinct(pairs, shape)
}

/** `a,1,b,2`, or exploded `a=1,b=2`. */
function readPairs(parts: readonly string[], shape: Shape, isExploded: boolean, decode: Decode): unknown {
  const flat = isExploded ? parts.flatMap(split) : parts
  if (flat.length % 2 === 1) return unread
  const texts = flat.map(decode)
  const names = texts.filter((_, at) => at % 2 === 0)
  return distinct(
    names.map((name, at) => [name, texts[2 * at + 1] ?? ''] as const),
    shape,
  )
}

function split(part: string): readonly [string, string] {
  const at = part.indexOf('=')
  return at === -1 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
}

function distinct(pairs: readonly (readonly [string, string])[], shape: Shape): unknown {
  return new Set(pairs.map(([name]) => name)).size === pairs.length ? readFields(pairs, shape) : unread
}

function readJson(text: string): unknown {
  const read = readJsonText(text)
  return read === undefined ? unread : read.value
}

/** RFC 6901. */
function pathOf(name: string): string {
  return `/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
