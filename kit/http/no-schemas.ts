import type { FastifyServerOptions } from 'fastify'

/**
 * For servers whose routes name no schemas that Fastify would have to compile. Without it Fastify loads Ajv and its own
 * serializer at once, 130 modules in each process at each start. A route with a schema after all ends the start.
 */
export const withoutSchemas = {
  compilersFactory: { buildValidator: refuse, buildSerializer: refuse },
} satisfies FastifyServerOptions['schemaController']

function refuse(): never {
  throw new Error('a route has a schema, on a server that was made for none (kit/http/no-schemas.ts)')
}
