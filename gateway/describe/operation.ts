import type { Path } from '@gatehouse/kit/config/path'
import type { OpenApiDocument } from '@gatehouse/kit/openapi/document'
import { isRecord } from '@gatehouse/kit/tokens/strict-json'
import type { OperationContract } from '../contract/compile.ts'
import { textOf, type Components } from './components.ts'
import type { ExposedRoute } from './exposed.ts'

export type Json = Readonly<Record<string, unknown>>

const problem = { $ref: '#/components/responses/Problem' }

/** What callers may know of one method of a route: how to ask, and what comes back. */
export function describeOperation(route: ExposedRoute, method: string, components: Components): Json {
  const { config, contract } = route
  const found = contract?.operations.get(method)
  const own = { operationId: operationId(config, method), ...security(config) }
  if (contract === undefined || found === undefined) return { ...own, ...undescribed(config, method) }
  const { document } = contract
  const { value } = found.operation
  const parameters = parametersOf(document, found, route, components)
  return {
    ...own,
    ...textOf(value, 'summary'),
    ...textOf(value, 'description'),
    ...(value['deprecated'] === true ? { deprecated: true } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBody(document, found, components),
    responses: responsesOf(document, found.operation.path, components),
  }
}

function operationId({ id, match }: ExposedRoute['config'], method: string): string {
  return match.methods.length === 1 ? id : `${id}.${method.toLowerCase()}`
}

/** `scopes` are demanded of tokens and of sessions alike; a cookie's have no place in OpenAPI. */
function security({ authn, authz }: ExposedRoute['config']): Json {
  if (authn === 'none') return { security: [] }
  const kinds = { bearer: { token: authz.scopes }, session: { session: [] } }
  return { security: authn.map((scheme) => kinds[scheme]) }
}

function undescribed({ match, websocket }: ExposedRoute['config'], method: string): Json {
  const names = [...match.path.matchAll(/:([A-Za-z0-9_]+)/g)].map(([, name = '']) => name)
  if (match.path.endsWith('*')) names.push('rest')
  const parameters = names.map((name) => ({
    name,
    in: 'path',
    required: true,
    ...(name === 'rest' ? { description: 'Everything below; it may hold slashes.' } : {}),
    schema: { type: 'string' },
  }))
  const takesBody = method === 'POST' || method === 'PUT' || method === 'PATCH'
  const success = websocket
    ? { '101': { description: 'The WebSocket is open' } }
    : { '2XX': { description: 'The answer of the service' } }
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(takesBody ? { requestBody: { content: { '*/*': {} } } } : {}),
    responses: { ...success, default: problem },
  }
}

function parametersOf(
  document: OpenApiDocument,
  { operation }: OperationContract,
  { requestHeaders }: ExposedRoute,
  components: Components,
): readonly Json[] {
  return operation.parameters.flatMap((parameter) => {
    // The service does not get what the route does not pass on.
    if (parameter.in === 'header' && !requestHeaders.includes(parameter.name)) return []
    const schema = components.schema(document, parameter.schema)
    const isJson = parameter.style === 'json'
    return {
      name: parameter.name,
      in: parameter.in,
      required: parameter.in === 'path' || parameter.required,
      ...textOf(document.at(parameter.path), 'description'),
      ...(isJson
        ? { content: { 'application/json': { schema } } }
        : { style: parameter.style, explode: parameter.explode, schema }),
    }
  })
}

function requestBody(document: OpenApiDocument, { body }: OperationContract, components: Components): Json {
  if (body === undefined) return {}
  const content = body.types.map(({ name, schema }) => [name, schemaIn(document, schema, components)])
  return { requestBody: { required: body.required, content: Object.fromEntries(content) } }
}

function responsesOf(document: OpenApiDocument, operation: Path, components: Components): Json {
  const place = [...operation, 'responses']
  const written = document.at(place)
  const stated = Object.keys(isRecord(written) ? written : {})
    .filter((status) => /^[1-5](?:\d\d|XX)$/.test(status))
    .map((status) => [status, responseOf(document, [...place, status], components)] as const)
  return { ...Object.fromEntries(stated), default: problem }
}

function responseOf(document: OpenApiDocument, written: Path, components: Components): Json {
  const { path, value } = document.resolve(written)
  const content = isRecord(value) ? value['content'] : undefined
  const types = Object.keys(isRecord(content) ? content : {}).map((name) => {
    const schema = [...path, 'content', name, 'schema']
    return [name, schemaIn(document, document.at(schema) === undefined ? undefined : schema, components)]
  })
  const description = { description: 'The answer of the service', ...textOf(value, 'description') }
  return types.length === 0 ? description : { ...description, content: Object.fromEntries(types) }
}

function schemaIn(document: OpenApiDocument, schema: Path | undefined, components: Components): Json {
  return schema === undefined ? {} : { schema: components.schema(document, schema) }
}
