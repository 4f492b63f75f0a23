import { Type } from '../schema.ts'
import { authorizationDetails } from './schema-details.ts'
import { closed, optional, text, texts } from './schema-texts.ts'

const flag = (description: string) => Type.Optional(Type.Boolean({ description, default: false }))
const words = (description: string) => Type.Optional(Type.String({ description }))

const authMethod = Type.Union(
  (
    [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'tls_client_auth',
      'self_signed_tls_client_auth',
      'none',
    ] as const
  ).map((name) => Type.Literal(name)),
)

const responseType = Type.Union(
  (
    [
      'code',
      'code id_token',
      'code id_token token',
      'code token',
      'id_token',
      'id_token token',
      'none',
    ] as const
  ).map((name) => Type.Literal(name)),
)

const signing = (description: string) =>
  Type.Optional(
    Type.Union([Type.Literal('ES256'), Type.Literal('PS256'), Type.Literal('RS256')], { description }),
  )

/** A client as RFC 7591 names its metadata, and what may be demanded of it beyond. */
const client = Type.Object(
  {
    client_id: text('clientId', 'unique'),
    client_name: Type.Optional(text('words', 'shown to people')),
    logo_uri: Type.Optional(text('httpsUrl', 'its logo, which the identity server fetches and shows')),
    client_uri: Type.Optional(text('httpsUrl', 'its website, shown to people')),
    policy_uri: Type.Optional(text('httpsUrl', 'its privacy policy, shown to people')),
    tos_uri: Type.Optional(text('httpsUrl', 'its terms of use, shown to people')),
    client_secret: words('for client_secret_basic and _post; from a file or the environment'),
    application_type: Type.Optional(
      Type.Union([Type.Literal('web'), Type.Literal('native')], { default: 'web' }),
    ),
    token_endpoint_auth_method: authMethod,
    grant_types: texts('scope', 'authorization_code, refresh_token, client_credentials, urn:…', 1),
    redirect_uris: Type.Optional(texts('uri', 'where codes are sent', 1)),
    post_logout_redirect_uris: Type.Optional(texts('uri', 'where people go after signing out', 1)),
    backchannel_logout_uri: Type.Optional(text('uri', 'where it is told that a login ended')),
    backchannel_logout_session_required: flag('it needs sid in that'),
    response_types: Type.Optional(
      Type.Array(responseType, { description: 'others than code need profile: certification', minItems: 1 }),
    ),
    scope: Type.Optional(
      text(
        'scopes',
        'all that it may ask for; one that is redirected to and says nothing may ask for openid profile email',
      ),
    ),
    jwks: words('its public keys as JSON, such as ${file:client.jwks.json}'),
    jwks_uri: Type.Optional(text('uri', 'or where they are fetched')),
    tls_client_auth_subject_dn: words('subject of its certificate, RFC 4514'),
    tls_client_auth_san_dns: words('or a name in it'),
    tls_client_auth_san_uri: words('or a URI in it'),
    tls_client_certificate_bound_access_tokens: flag('its tokens are bound to its certificate (RFC 8705)'),
    dpop_bound_access_tokens: flag('its tokens are bound to a key of its own (RFC 9449)'),
    require_pushed_authorization_requests: flag('RFC 9126'),
    require_signed_request_object: flag('RFC 9101'),
    subject_type: Type.Optional(
      Type.Union([Type.Literal('public'), Type.Literal('pairwise')], { default: 'public' }),
    ),
    sector_identifier_uri: Type.Optional(text('uri', 'for pairwise subjects')),
    id_token_signed_response_alg: signing('ID tokens; others than ES256 need profile: certification'),
    userinfo_signed_response_alg: signing('userinfo as a JWT; likewise'),
    authorization_signed_response_alg: signing('signed responses (JARM); likewise'),
    introspection_signed_response_alg: Type.Optional(
      Type.Union([Type.Literal('ES256')], {
        description: 'ES256: signed introspection responses (RFC 9701)',
      }),
    ),
    access_token_format: Type.Optional(
      Type.Union([Type.Literal('jwt'), Type.Literal('opaque')], {
        description: 'opaque: its access tokens say nothing by themselves (gateway.introspection)',
        default: 'jwt',
      }),
    ),
    exchange_audiences: Type.Optional(
      texts('resource', 'resources for which it may exchange tokens (RFC 8693)', 1),
    ),
    authorization_details_types: Type.Optional(
      texts('detailType', 'types of idp.authorizationDetails that it may ask for (RFC 9396)', 1),
    ),
    backchannel_token_delivery_mode: Type.Optional(
      Type.Union([Type.Literal('poll'), Type.Literal('ping')], { description: 'for CIBA' }),
    ),
    backchannel_client_notification_endpoint: Type.Optional(text('uri', 'where a ping is sent')),
    ttl: Type.Optional(
      Type.Object(
        {
          accessToken: Type.Optional(text('accessLife', 'shorter than idp.ttl.accessToken')),
          refreshToken: Type.Optional(text('longLife', 'shorter than idp.ttl.refreshToken')),
          idToken: Type.Optional(text('accessLife', 'shorter than idp.ttl.idToken')),
        },
        closed,
      ),
    ),
    profile: Type.Optional(
      Type.Union([Type.Literal('fapi2')], { description: 'fapi2: the FAPI 2.0 Security Profile as a whole' }),
    ),
  },
  closed,
)

const who = Type.Union([Type.Literal('nobody'), Type.Literal('token'), Type.Literal('anyone')], {
  description: 'who may; token: who has the initial access token',
})

/** What the identity server speaks, and with whom. */
export const protocol = {
  profile: Type.Optional(
    Type.Union([Type.Literal('certification')], {
      description:
        'certification: what old certification plans ask for and nobody should use; refused in production',
    }),
  ),
  dpop: Type.Optional(
    Type.Object(
      { requireNonce: flag("every DPoP proof must carry the server's nonce (RFC 9449 section 8)") },
      closed,
    ),
  ),
  mtls: Type.Optional(
    Type.Object(
      {
        header: Type.Optional(
          text('header', "where a trusted proxy puts the client's certificate: PEM, URL-encoded or RFC 9440"),
        ),
        ca: Type.Optional(
          text('file', 'PEM of the issuers for tls_client_auth; without it that method is off'),
        ),
      },
      { ...closed, description: 'certificates of clients (RFC 8705)' },
    ),
  ),
  fetch: Type.Optional(
    Type.Object(
      {
        allow: Type.Optional(
          texts('network', 'networks besides the public ones that may be fetched from', 0),
        ),
        ca: Type.Optional(text('file', 'PEM of authorities besides the public ones, or of single servers')),
      },
      { ...closed, description: 'what the server itself fetches: key sets, client metadata' },
    ),
  ),
  registration: Type.Optional(
    Type.Object(
      {
        who,
        initialAccessToken: words('for who: token; from a file or the environment'),
        scopes: Type.Optional(texts('scope', 'the most that a registered client may ask for', 1)),
        quota: optional('rate', 'registrations from one address, and changes of them', '20/h'),
        expiry: optional('duration', 'a registered client is forgotten after this long', '90d'),
      },
      { ...closed, description: 'dynamic client registration (RFC 7591, RFC 7592)' },
    ),
  ),
  metadataDocuments: Type.Optional(
    Type.Object(
      {
        hosts: Type.Union([Type.Literal('any'), texts('hostPattern', 'whose documents are read', 1)], {
          description: 'whose documents are read; any, written out, or a list of hosts',
        }),
        scopes: Type.Optional(texts('scope', 'the most that such a client may ask for', 1)),
        quota: optional('rate', 'documents fetched for one address', '60/h'),
        expiry: optional('duration', 'a client is forgotten so long after its document was last read', '90d'),
      },
      { ...closed, description: 'clients whose id is the URL of their metadata; without it there are none' },
    ),
  ),
  ciba: Type.Optional(
    Type.Object(
      {
        enabled: Type.Boolean({ description: 'client-initiated backchannel authentication' }),
        expiry: optional('duration', 'how long a request waits for its person', '5m'),
      },
      closed,
    ),
  ),
  authorizationDetails: Type.Optional(authorizationDetails),
  clients: Type.Optional(Type.Array(client, { description: 'clients that are made at start' })),
} as const
