import { Type, type Static } from '../schema.ts'
import { closed, optional, text, texts } from './schema-texts.ts'

/** A whole site that carries no caller's authority. */
export const site = Type.Object(
  {
    id: text('routeId', 'unique name, in logs and metrics'),
    host: Type.Optional(text('host', 'everything under this host')),
    prefix: Type.Optional(text('prefix', "everything below this path of the gateway's own hosts")),
    target: text('origin', 'where it runs; https is verified'),
    timeout: optional('timeout', 'wait for its answer', '30s'),
    headers: Type.Optional(
      Type.Object(
        {
          request: Type.Optional(texts('header', 'request headers to let through besides the usual', 0)),
          response: Type.Optional(texts('header', 'response headers to let through besides the usual', 0)),
        },
        closed,
      ),
    ),
  },
  closed,
)

export type WrittenSite = Static<typeof site>
