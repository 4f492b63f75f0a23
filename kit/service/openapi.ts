import type { FastifyInstance, RouteOptions } from 'fastify'
import type { RouteGuard } from '../guard/rule.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * Serves `/openapi.json` (OpenAPI 3.1), made of the schemas and guards of the routes that are registered after it, so
 * that it cannot say anything else than what is checked. Public, to workloads: everyone who gets this far has a
 * certificate of the trust domain.
 */
export function describeRoutes(app: FastifyInstance, title: string): void {
  const paths: Record<string, Record<string, Json>> = {}
  app.addHook('onRoute', (route) => {
    const path = (paths[route.url.replaceAll(/:([A-Za-z0-9_]+)/g, '{$1}')] ??= {})
    for (const method of [route.method].flat()) {
      // Fastify adds HEAD to every GET.
      if (method !== 'HEAD') path[method.toLowerCase()] = operation(route)
    }
  })
  app.get('/openapi.json', { config: { guard: 'public' } }, () => ({
    openapi: '3.1.0',
    info: { title, version: '1' },
    components: {
      securitySchemes: { internal: { type: 'http', scheme: 'bearer', bearerFormat: 'internal+jwt' } },
    },
    paths,
  }))
}

function operation(route: RouteOptions): Json {
  const { body, querystring, params, headers, response } = route.schema ?? {}
  const parameters = [
    ...parametersOf('path', params ?? anyParams(route.url)),
    ...parametersOf('query', querystring),
    ...parametersOf('header', headers),
  ]
  const { guard, summary } = route.config ?? {}
  return {
    ...(summary === undefined ? {} : { summary }),
    ...security(guard),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: responses(response),
  }
}

/** Every parameter of a path is described (section 4.8.12.1), also where the service takes any text. */
function anyParams(url: string): Json {
  const names = [...url.matchAll(/:([A-Za-z0-9_]+)/g)].map(([, name = '']) => name)
  return { properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) }
}

function security(guard: RouteGuard | undefined): Json {
  return guard === undefined || guard === 'public'
    ? { security: [] }
    : { security: [{ internal: guard.scopes }] }
}

function parametersOf(place: string, schema: unknown): readonly Json[] {
  const { properties, required } = record(schema)
  return Object.entries(record(properties)).map(([name, inner]) => ({
    name,
    in: place,
    required: place === 'path' || (Array.isArray(required) && required.includes(name)),
    schema: inner,
  }))
}

function responses(schemas: unknown): Json {
  const stated = Object.entries(record(schemas)).map(
    ([status, schema]) => [status, { description: `status ${status}`, content: json(schema) }] as const,
  )
  const problem = { description: 'RFC 9457 problem details', content: { 'application/problem+json': {} } }
  return { ...Object.fromEntries(stated), default: problem }
}

function json(schema: unknown): Json {
  return { 'application/json': { schema } }
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
