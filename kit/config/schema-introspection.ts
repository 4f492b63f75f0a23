import { Type, type Static } from '../schema.ts'
import { closed, optional, text } from './schema-texts.ts'

/** `gateway.introspection`: without it opaque tokens are refused. */
export const introspection = Type.Object(
  {
    endpoint: text('introspection', 'of the IdP, or of somebody else'),
    issuer: Type.Optional(text('uri', 'of the tokens of somebody else; needed with a URL')),
    clientId: Type.Optional(text('clientId', 'as whom the gateway asks there; needed with a URL')),
    clientSecret: Type.Optional(text('secret', 'for client_secret_basic; write ${file:…} or ${env:…}')),
    timeout: optional('timeout', 'wait for the answer; after it 503', '2s'),
    cache: optional('durationOrZero', 'how long a good answer may be used; 0s: every request asks', '10s'),
  },
  closed,
)

export type WrittenIntrospection = Static<typeof introspection>
