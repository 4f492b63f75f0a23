import { Components } from './components.ts'
import type { ExposedRoute } from './exposed.ts'
import { describeOperation, type Json } from './operation.ts'

export interface Described {
  /** Of the gateway. */
  readonly origin: string
  /** Of the identity server. */
  readonly issuer: string
  /** Name of the session's cookie. */
  readonly cookie: string
}

/** OpenAPI 3.1 of what is exposed under one host, and of nothing that is behind it. */
export function describeRoutes(routes: readonly ExposedRoute[], host: string, of: Described): Json {
  const components = new Components()
  const paths: Record<string, Record<string, Json>> = {}
  const templates = new Map<string, string>()
  for (const route of own(routes, host)) {
    const { methods } = route.config.match
    const template = templateOf(route.config.match.path)
    // Two that differ in the names of their parameters alone are one path there (OpenAPI 3.1 section 4.8.8).
    const shape = template.replaceAll(parameter, '{}')
    const path = templates.get(shape) ?? template
    templates.set(shape, path)
    const item = (paths[path] ??= {})
    const names = renamed(template, path)
    for (const method of methods) {
      item[method.toLowerCase()] ??= withNames(describeOperation(route, method, components), names)
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Gatehouse', version: '1' },
    servers: [{ url: of.origin }],
    paths,
    components: {
      securitySchemes: securitySchemes(of),
      responses: { Problem: problemResponse },
      schemas: { Problem: problemSchema, ...components.schemas },
    },
  }
}

/** Those of this host first: they come before those of all hosts. */
function own(routes: readonly ExposedRoute[], host: string): readonly ExposedRoute[] {
  const here = routes.filter(({ config }) => config.match.hosts?.includes(host) === true)
  return [...here, ...routes.filter(({ config }) => config.match.hosts === undefined)]
}

function templateOf(path: string): string {
  return path.replaceAll(/:([A-Za-z0-9_]+)/g, '{$1}').replace(/\*$/, '{rest}')
}

const parameter = /\{[^}]*\}/g

/** What the parameters of one path are called in another of the same shape. */
function renamed(from: string, to: string): ReadonlyMap<unknown, string> {
  const [ours, there] = [namesIn(from), namesIn(to)]
  return new Map(ours.map((name, at) => [name, there[at] ?? name]))
}

function namesIn(path: string): readonly string[] {
  return [...path.matchAll(parameter)].map(([braced]) => braced.slice(1, -1))
}

function withNames(operation: Json, names: ReadonlyMap<unknown, string>): Json {
  const { parameters } = operation
  if (!Array.isArray(parameters)) return operation
  const renameOne = (one: Json): Json =>
    one['in'] === 'path' ? { ...one, name: names.get(one['name']) ?? one['name'] } : one
  return { ...operation, parameters: parameters.map(renameOne) }
}

function securitySchemes({ issuer, cookie }: Described): Json {
  return {
    token: {
      type: 'openIdConnect',
      openIdConnectUrl: `${issuer}/.well-known/openid-configuration`,
      description: 'An access token of the identity server with the scopes, as Authorization: Bearer or DPoP',
    },
    session: {
      type: 'apiKey',
      in: 'cookie',
      name: cookie,
      description:
        'Set by signing in at /auth/login; what changes something needs the header X-CSRF: 1 as well',
    },
  }
}

const problemResponse = {
  description: 'Refused: problem details (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

const text = { type: 'string' }
const fault = {
  type: 'object',
  required: ['path', 'message'],
  properties: { in: { enum: ['path', 'query', 'header'] }, path: text, message: text },
}
const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'txn'],
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' },
    code: text,
    detail: text,
    txn: text,
    errors: { type: 'array', items: fault },
  },
}
