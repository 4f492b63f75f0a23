import type { Path } from '../config/path.ts'
import { isRecord, type UnknownRecord } from '../tokens/strict-json.ts'
import type { OpenApiDocument } from './document.ts'
import { readParameters, type Parameter } from './parameter.ts'
import { readRequestBody, type RequestBody } from './request-body.ts'

/** One operation of a document, as far as requests are concerned. */
export interface Operation {
  /** As the document writes it: `/orders/{id}`. */
  readonly template: string
  readonly path: Path
  readonly value: UnknownRecord
  readonly parameters: readonly Parameter[]
  /** Undefined: it takes no body. */
  readonly body: RequestBody | undefined
}

export interface Wanted {
  /** Upper case. HEAD is described by GET. */
  readonly method: string
  /** `/api/orders/:id` */
  readonly path: string
  /** `operationId`; undefined: the one with this method and path. */
  readonly operation: string | undefined
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'patch'] as const

/**
 * The operation that describes a route's requests of one method.
 * @throws OpenApiError when there is none, or it asks for what is not supported here.
 */
export function findOperation(document: OpenApiDocument, wanted: Wanted): Operation {
  const { template, path } =
    wanted.operation === undefined ? byPath(document, wanted) : byId(document, wanted)
  const value = document.at(path)
  if (!isRecord(value)) throw document.fault(path, 'is no operation')
  const parameters = readParameters(document, path, wanted.path, template)
  return { template, path, value, parameters, body: readRequestBody(document, [...path, 'requestBody']) }
}

interface Place {
  readonly template: string
  readonly path: Path
}

function byPath(document: OpenApiDocument, { method, path }: Wanted): Place {
  const key = keyOf(method)
  const shape = shapeOf(path)
  const prefixes = basePaths(document)
  const template = templates(document).find((one) =>
    prefixes.some((prefix) => shapeOf(prefix + one) === shape),
  )
  if (template === undefined)
    throw document.fault(['paths'], `describes no path like ${path}, which the route takes`)
  const item = document.resolve(['paths', template]).path
  if (document.at([...item, key]) === undefined)
    throw document.fault(item, `describes no ${method}, which the route takes`)
  return { template, path: [...item, key] }
}

function byId(document: OpenApiDocument, { method, operation }: Wanted): Place {
  for (const template of templates(document)) {
    const item = document.resolve(['paths', template]).path
    const key = methods.find((one) => document.at([...item, one, 'operationId']) === operation)
    if (key === undefined) continue
    const path = [...item, key]
    if (key === keyOf(method)) return { template, path }
    throw document.fault(path, `is ${key.toUpperCase()}, and the route takes ${method}`)
  }
  throw document.fault(['paths'], `has no operation '${operation ?? ''}', which the route names`)
}

function templates(document: OpenApiDocument): readonly string[] {
  const paths = document.value['paths']
  if (!isRecord(paths)) throw document.fault(['paths'], 'describes no paths')
  return Object.keys(paths).filter((key) => key.startsWith('/'))
}

/** What the document's servers put before its paths, nothing among it. */
function basePaths(document: OpenApiDocument): readonly string[] {
  const servers: unknown = document.value['servers']
  const urls = Array.isArray(servers) ? servers.map((server) => (isRecord(server) ? server['url'] : '')) : []
  const bases = urls.map((url) => URL.parse(String(url), 'http://localhost')?.pathname ?? '')
  return ['', ...bases.map((base) => base.replace(/\/$/, ''))]
}

function keyOf(method: string): string {
  return method === 'HEAD' ? 'get' : method.toLowerCase()
}

/** Names of parameters do not matter. */
function shapeOf(path: string): string {
  return path.replaceAll(/\/(?::[^/]+|\{[^/}]+\})/g, '/{}')
}
