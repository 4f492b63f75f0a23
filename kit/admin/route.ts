import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { conforms } from '../conforms.ts'
import { Problem } from '../errors.ts'
import type { Schema } from '../schema.ts'
import { violationOf } from '../violation.ts'
import { authorizeAdmin, type AdminAuthority } from './authorize.ts'
import { describeAdminApi } from './openapi.ts'
import { adminPath, type AdminScope } from './protocol.ts'

/** One request to the admin API, after authorization. */
export interface AdminCall {
  /** A client or a person. */
  readonly actor: string
  readonly txn: string
  readonly ifMatch: string | undefined
  /** A part of the path. */
  param(name: string): string
  /** A parameter of the query. */
  query(name: string): string | undefined
  /** The body, which the route's schema has let through. */
  body<T>(schema: Schema<T>): T
}

export interface AdminAnswer {
  readonly status: 200 | 201 | 204
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** One row of an admin API's table. */
export interface AdminRoute<Deps> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/admin/v1`, with `:parameters`. */
  readonly path: string
  readonly scope: AdminScope
  readonly summary: string
  /** Names of query parameters, each with what it does. */
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Schema
  handle(deps: Deps, call: AdminCall): Promise<AdminAnswer>
}

export function ok(body: unknown, headers: Readonly<Record<string, string>> = {}): AdminAnswer {
  return { status: 200, body, headers }
}

export function created(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): AdminAnswer {
  return { status: 201, body, headers: { location: `${adminPath}${path}`, ...headers } }
}

export const done: AdminAnswer = { status: 204 }

/** Serves a table of routes, and `/admin/v1/openapi.json` made from it. */
export function serveAdminApi<Deps>(
  app: FastifyInstance,
  options: {
    readonly title: string
    readonly authority: AdminAuthority
    readonly deps: Deps
    readonly routes: readonly AdminRoute<Deps>[]
  },
): void {
  const { authority, deps, routes } = options
  const description = describeAdminApi(options.title, routes)
  const actors = new WeakMap<FastifyRequest, string>()
  app.get(`${adminPath}/openapi.json`, () => description)
  for (const route of routes) {
    app.route({
      method: route.method,
      url: `${adminPath}${route.path}`,
      schema: { querystring: querySchema(route.query ?? {}), ...bodySchema(route.body) },
      validatorCompiler: compileNothing,
      // Before anything is validated: who may not call learns nothing of what would be valid.
      onRequest: async (request) => {
        const claims = await authorizeAdmin(authority, request.headers.authorization, route.scope)
        actors.set(request, (await authority.actorOf?.(claims)) ?? claims.sub)
      },
      handler: async (request, reply) => {
        const actor = actors.get(request)
        if (actor === undefined) throw new Problem('missing_credentials')
        return send(reply, await route.handle(deps, callOf(request, actor)))
      },
    })
  }
}

/** Compiling the schemas of a whole admin API is a good part of a start, and none of its routes is busy. */
function compileNothing({ schema }: { readonly schema: unknown }) {
  if (!isSchema(schema)) throw new TypeError('a schema is an object')
  return (value: unknown) => {
    const violation = violationOf(schema, value)
    return violation === undefined ? true : { error: [{ schemaPath: '', ...violation }] }
  }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null
}

function text(from: unknown, name: string): string | undefined {
  const value: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined
  return typeof value === 'string' ? value : undefined
}

function callOf(request: FastifyRequest, actor: string): AdminCall {
  return {
    actor,
    txn: request.id,
    ifMatch: request.headers['if-match'],
    param: (name) => text(request.params, name) ?? '',
    query: (name) => text(request.query, name),
    body: (schema) => {
      if (conforms(schema, request.body)) return request.body
      throw new Problem('validation_failed')
    },
  }
}

function send(reply: FastifyReply, answer: AdminAnswer): FastifyReply {
  reply
    .code(answer.status)
    .header('cache-control', 'no-store')
    .headers(answer.headers ?? {})
  return answer.body === undefined ? reply.send() : reply.send(answer.body)
}

/** Every parameter is a text; a name that is not known is refused, because a misspelt filter would show everything. */
export function querySchema(query: Readonly<Record<string, string>>) {
  const properties = Object.fromEntries(
    Object.entries(query).map(([name, description]) => [
      name,
      { type: 'string', minLength: 1, maxLength: 300, description },
    ]),
  )
  return { type: 'object', additionalProperties: false, properties }
}

function bodySchema(body: Schema | undefined) {
  return body === undefined ? {} : { body }
}
