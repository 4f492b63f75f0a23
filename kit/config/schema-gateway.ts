import { Type } from '../schema.ts'
import { introspection } from './schema-introspection.ts'
import { gatewayLimits, overload } from './schema-limits.ts'
import { listen, port, trustedProxies } from './schema-listen.ts'
import { closed, count, optional, text, texts } from './schema-texts.ts'

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

export const gateway = Type.Object(
  {
    origin: optional('origin', 'public origin, as browsers see it', 'http://localhost:<port base>'),
    listen: Type.Optional(publicListen),
    internal: Type.Optional(internalDoor),
    admin: Type.Optional(listen),
    hosts: Type.Optional(
      texts('host', 'Host values that are served; others get 421; without it, that of origin', 1),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          cert: text('file', 'certificate chain, PEM'),
          key: text('file', 'private key, PEM'),
          http2: Type.Optional(Type.Boolean({ description: 'offer HTTP/2 as well', default: true })),
          clientCertificates: Type.Optional(
            Type.Boolean({
              description:
                'ask callers for a certificate, any, for tokens that are bound to one (RFC 8705); browsers may ask people',
              default: false,
            }),
          ),
        },
        { ...closed, description: 'TLS at the public door' },
      ),
    ),
    mtls: Type.Optional(
      Type.Object(
        {
          header: Type.Optional(
            text(
              'header',
              "where a trusted proxy puts the caller's certificate: PEM, URL-encoded or RFC 9440",
            ),
          ),
        },
        { ...closed, description: 'certificates of callers (RFC 8705)' },
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
          scopes: Type.Optional(
            texts(
              'scope',
              'the most that a session may do, asked for when somebody signs in; without it users:read, orders:read, orders:write and inventory:read',
              1,
            ),
          ),
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
