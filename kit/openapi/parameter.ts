import type { Path } from '../config/path.ts'
import { isRecord, type UnknownRecord } from '../tokens/strict-json.ts'
import type { OpenApiDocument } from './document.ts'

export type ParameterPlace = 'path' | 'query' | 'header'

/** A parameter of an operation (OpenAPI 3.1 section 4.8.12). */
export interface Parameter {
  readonly in: ParameterPlace
  /** As it is sent; lower case for a header. For a path parameter its name in the route. */
  readonly name: string
  readonly required: boolean
  readonly style: 'simple' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject' | 'json'
  readonly explode: boolean
  /** Of its schema in the document. */
  readonly schema: Path
  /** Of itself. */
  readonly path: Path
}

/** Described by other means (section 4.8.12.2), and not by parameters. */
const otherwise: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization'])
const styles: Readonly<Record<ParameterPlace, readonly Parameter['style'][]>> = {
  path: ['simple'],
  header: ['simple'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
}

/**
 * The parameters of an operation, with those of its path.
 * @param routePath whose parameters have the names under which the values are found.
 * @throws OpenApiError
 */
export function readParameters(
  document: OpenApiDocument,
  operation: Path,
  routePath: string,
  template: string,
): readonly Parameter[] {
  const names = pathNames(document, operation, routePath, template)
  const found = new Map<string, Parameter>()
  for (const list of [operation.slice(0, -1), operation]) {
    const own = document.at([...list, 'parameters'])
    for (const index of Array.isArray(own) ? own.keys() : []) {
      const parameter = readParameter(document, [...list, 'parameters', index], names)
      if (parameter !== undefined) found.set(`${parameter.in} ${parameter.name}`, parameter)
    }
  }
  return [...found.values()]
}

/** Names in the document to names in the route: the same place in the path is the same parameter. */
function pathNames(
  document: OpenApiDocument,
  operation: Path,
  routePath: string,
  template: string,
): ReadonlyMap<string, string> {
  const theirs = [...template.matchAll(/\{([^/}]+)\}/g)].map(([, name = '']) => name)
  const ours = [...routePath.matchAll(/:([A-Za-z0-9_]+)/g)].map(([, name = '']) => name)
  if (theirs.length !== ours.length)
    throw document.fault(operation, `has other path parameters than the route's ${routePath}`)
  return new Map(theirs.map((name, index) => [name, ours[index] ?? '']))
}

function readParameter(
  document: OpenApiDocument,
  written: Path,
  names: ReadonlyMap<string, string>,
): Parameter | undefined {
  const { path, value } = document.resolve(written)
  if (!isRecord(value) || typeof value['name'] !== 'string') throw document.fault(written, 'is no parameter')
  const place = value['in']
  const required = value['required'] === true
  if (place === 'cookie') {
    if (required)
      throw document.fault(path, 'is a cookie that must be there, and cookies are not passed to services')
    return undefined
  }
  if (place !== 'path' && place !== 'query' && place !== 'header')
    throw document.fault(path, "'in' is not path, query, header or cookie")
  const name = nameOf(document, path, { place, name: value['name'], names })
  if (place === 'header' && otherwise.has(name)) return undefined
  return { in: place, name, required, path, ...formOf(document, path, place, value) }
}

function nameOf(
  document: OpenApiDocument,
  path: Path,
  { place, name, names }: { place: ParameterPlace; name: string; names: ReadonlyMap<string, string> },
): string {
  if (place === 'header') return name.toLowerCase()
  if (place === 'query') return name
  const own = names.get(name)
  if (own === undefined) throw document.fault(path, `is '${name}', which is not in the path`)
  return own
}

function formOf(
  document: OpenApiDocument,
  path: Path,
  place: ParameterPlace,
  { style: written, explode, content, schema }: UnknownRecord,
): Pick<Parameter, 'style' | 'explode' | 'schema'> {
  if (schema === undefined && isRecord(content) && isRecord(content['application/json'])) {
    return { style: 'json', explode: false, schema: [...path, 'content', 'application/json', 'schema'] }
  }
  if (schema === undefined) throw document.fault(path, "has neither 'schema' nor JSON as its 'content'")
  const style = styles[place].find((one) => one === (written ?? styles[place][0]))
  if (style === undefined) throw document.fault([...path, 'style'], 'is not supported here')
  const isExploded = typeof explode === 'boolean' ? explode : style === 'form'
  return { style, explode: isExploded, schema: [...path, 'schema'] }
}
