import { Type, type Static } from '../schema.ts'
import { contract } from './schema-contract.ts'
import { cors } from './schema-cors.ts'
import { external } from './schema-external.ts'
import { gateway } from './schema-gateway.ts'
import { idp } from './schema-idp.ts'
import { keys } from './schema-keys.ts'
import { limitPolicies, priority, routeLimits } from './schema-limits.ts'
import { listen } from './schema-listen.ts'
import { site } from './schema-site.ts'
import { revocation } from './schema-revocation.ts'
import { closed, optional, text, texts } from './schema-texts.ts'
import { upstream } from './schema-upstream.ts'

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
      'resource',
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
