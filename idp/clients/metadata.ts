import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

const publicJwk = Type.Object({
  kty: Type.Literal('EC'),
  crv: Type.Literal('P-256'),
  x: Type.String(),
  y: Type.String(),
  kid: Type.Optional(Type.String()),
  alg: Type.Optional(Type.String()),
  use: Type.Optional(Type.String()),
})

/** What is stored of a client, named as RFC 7591 and OpenID Connect registration name it. */
const schema = Type.Object({
  client_id: Type.String({ minLength: 1, maxLength: 255 }),
  client_name: Type.String({ minLength: 1, maxLength: 200 }),
  application_type: Type.Union([Type.Literal('web'), Type.Literal('native')]),
  token_endpoint_auth_method: Type.Union([
    Type.Literal('client_secret_basic'),
    Type.Literal('private_key_jwt'),
    Type.Literal('none'),
  ]),
  grant_types: Type.Array(Type.String()),
  response_types: Type.Array(Type.Literal('code')),
  redirect_uris: Type.Array(Type.String()),
  post_logout_redirect_uris: Type.Array(Type.String()),
  backchannel_logout_uri: Type.Optional(Type.String()),
  /** All that the client may ask for, OpenID Connect's scopes and the APIs' alike. */
  scope: Type.String(),
  jwks: Type.Optional(Type.Object({ keys: Type.Array(publicJwk) })),
})

export type PublicJwk = Static<typeof publicJwk>
export type ClientRecord = Static<typeof schema>

/** @throws Error when the text is no client record. */
export function readClientRecord(json: string): ClientRecord {
  return Value.Parse(schema, JSON.parse(json))
}
