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
  for (const route of own(routes, host)) {
    const { path, methods } = route.config.match
    const item = (paths[templateOf(path)] ??= {})
    for (const method of methods) item[method.toLowerCase()] ??= describeOperation(route, method, components)
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
