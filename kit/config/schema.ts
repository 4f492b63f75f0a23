import { Type, type Static } from '../schema.ts'
import { contract } from './schema-contract.ts'
import { cors } from './schema-cors.ts'
import { external } from './schema-external.ts'
import { keys } from './schema-keys.ts'
import { introspection } from './schema-introspection.ts'
import { gatewayLimits, limitPolicies, overload, priority, routeLimits } from './schema-limits.ts'
import { protocol } from './schema-protocol.ts'
import { site } from './schema-site.ts'
import { revocation } from './schema-revocation.ts'
import { closed, count, optional, text, texts } from './schema-texts.ts'
import { upstream } from './schema-upstream.ts'

const port = Type.Integer({ minimum: 0, maximum: 65_535, description: 'TCP port' })

const listen = Type.Object(
  { host: text('address', "where to listen; 'localhost' is 127.0.0.1 and ::1"), port },
  { ...closed, description: 'address and port to listen on' },
)

const publicListen = Type.Object(
  {
    ...listen.properties,
    reusePort: Type.Optional(
      Type.Boolean({
        description:
          'several gateways of this machine listen there, and the kernel shares connections out (Linux)',
        default: false,
      }),
    ),
  },
  { ...closed, description: 'address and port to listen on' },
)

const internalDoor = Type.Object(
  {
    host: listen.properties.host,
    port,
    origin: optional('origin', 'origin under which workloads reach it', 'https://localhost:<port>'),
  },
  { ...closed, description: 'the mTLS listener for workloads' },
)

const trustedProxies = texts('network', 'addresses of proxies in front whose Forwarded headers count', 0)

const gateway = Type.Object(
  {
    origin: optional('origin', 'public origin, as browsers see it', 'http://localhost:<port base>'),
    listen: Type.Optional(publicListen),
    internal: Type.Optional(internalDoor),
    admin: Type.Optional(listen),
    hosts: Type.Optional(texts('host', 'Host values that are served; others get 421', 1)),
    tls: Type.Optional(
      Type.Object(
        {
          cert: text('file', 'certificate chain, PEM'),
          key: text('file', 'private key, PEM'),
          http2: Type.Optional(Type.Boolean({ description: 'offer HTTP/2 as well', default: true })),
        },
        { ...closed, description: 'TLS at the public door' },
      ),
    ),
    websockets: Type.Optional(
      Type.Object(
        {
          max: count('open at one time', 1, 1_000_000, 10_000),
          ping: optional(
            'timeout',
            'sent after this much silence of the caller; after as much again it ends',
            '30s',
          ),
        },
        { ...closed, description: 'at the public door' },
      ),
    ),
    trustedProxies: Type.Optional(trustedProxies),
    session: Type.Optional(
      Type.Object(
        {
          idle: optional('duration', 'a session unused for this long ends', '2h'),
          absolute: optional('duration', 'a session ends after this long in any case', '12h'),
          perAccount: count('sessions of one account at a time; one more ends the oldest', 1, 1000, 20),
          store: optional('sessionStore', 'where sessions are kept', 'gateway.store'),
        },
        closed,
      ),
    ),
    limits: Type.Optional(gatewayLimits),
    overload: Type.Optional(overload),
    introspection: Type.Optional(introspection),
    internalIssuer: optional('uri', 'iss of internal tokens', 'urn:gatehouse:<trustDomain>:internal'),
    internalToken: optional('tokenLife', 'life of an internal token', '60s'),
    internalTokenReuse: optional(
      'tokenReuse',
      'how long reads that would get the same internal token share one, on routes that say nothing',
      '5s',
    ),
    store: optional('store', 'sessions, keys', 'sqlite:<data>/gateway.sqlite'),
    clientId: optional('clientId', "the gateway's own client at the IdP", 'gateway'),
    describe: Type.Optional(
      Type.Boolean({
        description: 'serve /openapi.json and /docs: what the routes take, to anybody',
        default: true,
      }),
    ),
  },
  { ...closed, description: 'public door, internal door, sessions' },
)

const ttl = Type.Object(
  {
    accessToken: optional('accessLife', 'life of an access token', '5m'),
    refreshToken: optional('longLife', 'life of a refresh token', '14d'),
    idToken: optional('accessLife', 'life of an ID token', '5m'),
    code: optional('codeLife', 'life of an authorization code', '60s'),
    session: optional('longLife', 'how long a sign-in at the IdP lasts', '14d'),
    grant: optional('longLife', 'how long a consent lasts', '14d'),
    interaction: optional('interactionLife', 'how long a sign-in page stays valid', '1h'),
    resources: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z][A-Za-z0-9+.-]*:[\\x21-\\x7E]+$' }),
        text('accessLife', 'life of its access tokens'),
        { description: 'life of access tokens for one resource, shorter than accessToken' },
      ),
    ),
  },
  closed,
)

const idp = Type.Object(
  {
    listen: Type.Optional(listen),
    admin: Type.Optional(listen),
    store: optional('store', 'accounts, clients, grants, keys', 'sqlite:<data>/idp.sqlite'),
    ttl: Type.Optional(ttl),
    refreshGrace: optional('durationOrZero', 'a refresh response that got lost may be asked again', '10s'),
    trustedProxies: Type.Optional(trustedProxies),
    demo: Type.Optional(
      Type.Boolean({ description: 'make demo users and clients at first start; refused in production' }),
    ),
    ...protocol,
    roles: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$' }),
        Type.Array(Type.String(), { description: 'user names that have the role' }),
        { description: 'who has which role; `cli apply` makes it so' },
      ),
    ),
  },
  { ...closed, description: 'the OpenID Connect provider' },
)

const service = Type.Object(
  {
    listen: Type.Optional(listen),
    store: optional('store', "the service's own data", 'sqlite:<data>/<name>.sqlite'),
  },
  closed,
)

const services = Type.Object(
  { users: Type.Optional(service), orders: Type.Optional(service), inventory: Type.Optional(service) },
  { ...closed, description: 'the services that come with Gatehouse' },
)

const method = Type.Union(
  (['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const).map((name) => Type.Literal(name)),
)

const scheme = Type.Union([Type.Literal('session'), Type.Literal('bearer')])

const route = Type.Object(
  {
    id: text('routeId', 'unique name, in logs and metrics'),
    match: Type.Object(
      {
        path: text('path', "segments, ':parameters', at most one '*' at the end"),
        methods: Type.Array(method, { minItems: 1 }),
        hosts: Type.Optional(texts('host', 'only for these hosts', 1)),
        headers: Type.Optional(
          Type.Array(
            Type.Object(
              {
                name: text('header', 'which header'),
                value: Type.Optional(text('headerValue', 'exactly this; without it, any value')),
              },
              closed,
            ),
            { minItems: 1, description: 'only for requests with all of these headers' },
          ),
        ),
      },
      closed,
    ),
    authn: Type.Union([Type.Literal('none'), Type.Array(scheme, { minItems: 1 })], {
      description: '[session, bearer], one of them, or none, written out',
    }),
    authz: Type.Optional(
      Type.Object(
        {
          scopes: Type.Optional(texts('scope', 'all of them are needed', 1)),
          roles: Type.Optional(texts('role', 'any one of them is needed', 1)),
          acr: Type.Optional(
            texts('acr', 'how well the person proved who they are: any one of them (RFC 9470)', 1),
          ),
          maxAge: Type.Optional(text('duration', 'how long ago at most (RFC 9470)')),
          external: Type.Optional(external),
        },
        closed,
      ),
    ),
    token: Type.Optional(
      Type.Object(
        {
          scopes: texts('scope', 'scopes of the internal token', 1),
          reuse: optional(
            'tokenReuse',
            'how long reads that would get the same one share it',
            'gateway.internalTokenReuse',
          ),
        },
        closed,
      ),
    ),
    limits: Type.Optional(routeLimits),
    priority: Type.Optional(priority),
    whenStale: Type.Optional(
      Type.Union([Type.Literal('refuse'), Type.Literal('serve')], {
        description: 'what to do without news of what was taken away',
        default: 'refuse',
      }),
    ),
    stream: Type.Optional(
      Type.Boolean({
        description: 'answers without an end (server-sent events): limits.timeout is for their head only',
        default: false,
      }),
    ),
    websocket: Type.Optional(Type.Boolean({ description: 'takes WebSockets', default: false })),
    origins: Type.Optional(
      texts('origin', 'origins besides gateway.origin from which a session may open WebSockets', 1),
    ),
    cors: Type.Optional(cors),
    contract: Type.Optional(contract),
    upstream: text('name', 'name of an entry of upstreams'),
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

const edge = Type.Object(
  {
    from: text('name', 'workload that calls'),
    to: text('name', 'upstream that is called'),
    scopes: texts('scope', 'the most that may flow', 1),
    ownScopes: Type.Optional(
      texts('scope', 'what the workload may do on its own behalf, without a caller', 1),
    ),
  },
  closed,
)

/** The configuration file. Everything but routes and upstreams has a default. */
export const configSchema = Type.Object(
  {
    trustDomain: optional('trustDomain', 'under which workloads have their identities', 'gatehouse.local'),
    issuer: optional(
      'origin',
      "the IdP's issuer, at the root of its own origin",
      'http://localhost:<port base + 1>',
    ),
    resource: optional(
      'uri',
      'resource indicator of the APIs, audience of access tokens',
      'urn:gatehouse:api',
    ),
    keys: Type.Optional(keys),
    gateway: Type.Optional(gateway),
    idp: Type.Optional(idp),
    services: Type.Optional(services),
    routes: Type.Array(route, { minItems: 1, description: 'the routing table' }),
    upstreams: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }), upstream, {
      minProperties: 1,
    }),
    limitPolicies: Type.Optional(limitPolicies),
    revocation: Type.Optional(revocation),
    sites: Type.Optional(Type.Array(site, { description: 'whole sites without authority' })),
    edges: Type.Optional(Type.Array(edge, { description: 'which workload may call which service' })),
  },
  closed,
)

/** The configuration as it is written, of the right shape, before it is compiled. */
export type WrittenConfig = Static<typeof configSchema>
export type WrittenRoute = Static<typeof route>
export type WrittenGateway = Static<typeof gateway>
export type WrittenIdp = Static<typeof idp>
export type WrittenListen = Static<typeof listen>
