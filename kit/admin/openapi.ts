import { adminPath } from './protocol.ts'
import type { AdminRoute } from './route.ts'

type Json = Readonly<Record<string, unknown>>
type Described = Pick<AdminRoute<never>, 'method' | 'path' | 'scope' | 'summary' | 'query' | 'body'>

/** An OpenAPI 3.1 description, from the table that the requests are checked with. */
export function describeAdminApi(title: string, routes: readonly Described[]): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = (paths[adminPath + route.path.replaceAll(/:([A-Za-z0-9_]+)/g, '{$1}')] ??= {})
    path[route.method.toLowerCase()] = operation(route)
  }
  return {
    openapi: '3.1.0',
    info: { title, version: '1' },
    components: {
      securitySchemes: { admin: { type: 'http', scheme: 'bearer', bearerFormat: 'at+jwt' } },
    },
    paths,
  }
}

function operation(route: Described): Json {
  const parameters = [
    ...[...route.path.matchAll(/:([A-Za-z0-9_]+)/g)].map((found) =>
      parameter('path', found[1] ?? '', undefined),
    ),
    ...Object.entries(route.query ?? {}).map(([name, text]) => parameter('query', name, text)),
  ]
  return {
    summary: route.summary,
    security: [{ admin: [route.scope] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }),
    responses: {
      '2XX': { description: 'done', content: { 'application/json': {} } },
      default: { description: 'RFC 9457 problem details', content: { 'application/problem+json': {} } },
    },
  }
}

function parameter(place: string, name: string, description: string | undefined): Json {
  return {
    name,
    in: place,
    required: place === 'path',
    ...(description === undefined ? {} : { description }),
    schema: { type: 'string' },
  }
}
