import { conforms } from '@gatehouse/kit/conforms'
import { Type, type Schema, type Static } from '@gatehouse/kit/schema'

const publicJwk = Type.Object({
  kty: Type.Literal('EC'),
  crv: Type.Literal('P-256'),
  x: Type.String(),
  y: Type.String(),
  kid: Type.Optional(Type.String()),
  alg: Type.Optional(Type.String()),
  use: Type.Optional(Type.String()),
})

const text = Type.Optional(Type.String({ maxLength: 2000 }))
const signing = Type.Optional(
  Type.Union([Type.Literal('ES256'), Type.Literal('PS256'), Type.Literal('RS256')]),
)
const flag = Type.Optional(Type.Boolean())
const seconds = Type.Optional(Type.Integer({ minimum: 1 }))
const texts = Type.Optional(Type.Array(Type.String({ maxLength: 2000 })))

/** What is stored of a client, named as RFC 7591 and OpenID Connect registration name it. */
const schema = Type.Object({
  client_id: Type.String({ minLength: 1, maxLength: 255 }),
  client_name: Type.String({ minLength: 1, maxLength: 200 }),
  application_type: Type.Union([Type.Literal('web'), Type.Literal('native')]),
  token_endpoint_auth_method: Type.Union([
    Type.Literal('client_secret_basic'),
    Type.Literal('client_secret_post'),
    Type.Literal('private_key_jwt'),
    Type.Literal('tls_client_auth'),
    Type.Literal('self_signed_tls_client_auth'),
    Type.Literal('none'),
  ]),
  grant_types: Type.Array(Type.String()),
  response_types: Type.Array(
    Type.Union([
      Type.Literal('code'),
      Type.Literal('code id_token'),
      Type.Literal('code id_token token'),
      Type.Literal('code token'),
      Type.Literal('id_token'),
      Type.Literal('id_token token'),
      Type.Literal('none'),
    ]),
  ),
  redirect_uris: Type.Array(Type.String()),
  post_logout_redirect_uris: Type.Array(Type.String()),
  backchannel_logout_uri: text,
  backchannel_logout_session_required: flag,
  /** All that the client may ask for, OpenID Connect's scopes and the APIs' alike. */
  scope: Type.String(),
  /** Public keys of any kind: what can be used of them is the library's to say. */
  jwks: Type.Optional(Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown())) })),
  jwks_uri: text,
  client_uri: text,
  logo_uri: text,
  policy_uri: text,
  tos_uri: text,
  contacts: texts,
  tls_client_auth_subject_dn: text,
  tls_client_auth_san_dns: text,
  tls_client_auth_san_uri: text,
  tls_client_certificate_bound_access_tokens: flag,
  dpop_bound_access_tokens: flag,
  require_pushed_authorization_requests: flag,
  require_signed_request_object: flag,
  request_object_signing_alg: signing,
  request_uris: texts,
  token_endpoint_auth_signing_alg: signing,
  id_token_signed_response_alg: signing,
  userinfo_signed_response_alg: signing,
  authorization_signed_response_alg: signing,
  introspection_signed_response_alg: signing,
  subject_type: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('pairwise')])),
  sector_identifier_uri: text,
  default_max_age: Type.Optional(Type.Integer({ minimum: 0 })),
  default_acr_values: texts,
  require_auth_time: flag,
  initiate_login_uri: text,
  authorization_details_types: texts,
  backchannel_token_delivery_mode: Type.Optional(Type.Union([Type.Literal('poll'), Type.Literal('ping')])),
  backchannel_client_notification_endpoint: text,
  client_id_issued_at: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Ours: whether its access tokens say something by themselves. */
  access_token_format: Type.Optional(Type.Union([Type.Literal('jwt'), Type.Literal('opaque')])),
  /** Ours: resources for which it may exchange tokens. */
  exchange_audiences: texts,
  /** Ours: lives of its tokens in seconds, where shorter than `idp.ttl` says. */
  access_token_ttl: seconds,
  refresh_token_ttl: seconds,
  id_token_ttl: seconds,
  /** Ours: `fapi2` demands the FAPI 2.0 Security Profile as a whole. */
  profile: Type.Optional(Type.Literal('fapi2')),
  /** Ours: it registered itself, and nobody here knows whose it is. */
  unknown_party: flag,
  /** Ours: its metadata are those of the document that its id names, and hold until then. Milliseconds since the epoch. */
  document_fresh_until: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Ours: it is forgotten then. Milliseconds since the epoch. */
  expires_at: Type.Optional(Type.Integer({ minimum: 0 })),
})

export type PublicJwk = Static<typeof publicJwk>
export type ClientRecord = Static<typeof schema>

/** Every member that can be stored. */
export const clientMembers: ReadonlySet<string> = new Set(Object.keys(schema.properties))

/** What is wrong with one member of a client record; `value` is undefined when it is missing. */
export interface MemberFault {
  readonly name: string
  readonly value: unknown
  readonly schema: Schema
}

export class InvalidClientRecord extends Error {
  override readonly name = 'InvalidClientRecord'
  readonly faults: readonly MemberFault[]

  constructor(faults: readonly MemberFault[]) {
    super(`no client record: ${faults.map(({ name }) => name).join(', ')}`)
    this.faults = faults
  }
}

/** @throws InvalidClientRecord when the text is no client record. */
export function readClientRecord(json: string): ClientRecord {
  const record: unknown = JSON.parse(json)
  if (conforms(schema, record)) return record
  throw new InvalidClientRecord(memberFaults(Object(record)))
}

function memberFaults(record: object): readonly MemberFault[] {
  return Object.entries(schema.properties).flatMap(([name, member]: [string, Schema]) => {
    const value: unknown = Reflect.get(record, name)
    const isFine = value === undefined ? schema.required?.includes(name) !== true : conforms(member, value)
    return isFine ? [] : [{ name, value, schema: member }]
  })
}
