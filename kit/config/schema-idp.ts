import { Type } from '../schema.ts'
import { listen, trustedProxies } from './schema-listen.ts'
import { protocol } from './schema-protocol.ts'
import { closed, optional, text } from './schema-texts.ts'

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

export const idp = Type.Object(
  {
    listen: Type.Optional(listen),
    admin: Type.Optional(listen),
    store: optional('store', 'accounts, clients, grants, keys', 'sqlite:<data>/idp.sqlite'),
    ttl: Type.Optional(ttl),
    refreshGrace: optional('durationOrZero', 'a refresh response that got lost may be asked again', '10s'),
    trustedProxies: Type.Optional(trustedProxies),
    demo: Type.Optional(
      Type.Boolean({
        description:
          'make demo users and clients at first start; without it, yes, but not in production, which refuses it',
      }),
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
