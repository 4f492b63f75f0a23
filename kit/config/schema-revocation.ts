import { Type, type Static } from '../schema.ts'
import { closed, optional, text } from './schema-texts.ts'

/** Somebody else who sends security events: another identity provider, a risk engine. */
const transmitter = Type.Object(
  {
    id: text('routeId', 'unique name, in logs and metrics'),
    issuer: text('uri', 'iss of its events'),
    jwks: text('uri', 'where its public keys are'),
    audience: text('uri', 'aud of events that are for us'),
    poll: Type.Optional(
      Type.Object(
        {
          url: text('uri', 'where to poll (RFC 8936)'),
          token: text('secret', 'bearer token for it; write ${file:…} or ${env:…}'),
        },
        closed,
      ),
    ),
    push: Type.Optional(
      Type.Boolean({ description: 'takes its events at /events/push/<id> (RFC 8935)', default: false }),
    ),
  },
  closed,
)

/** How what is taken away becomes known here. */
export const revocation = Type.Object(
  {
    issuer: Type.Optional(
      Type.Boolean({
        description: 'the issuer is the IdP of Gatehouse: poll its security events, end logins there',
        default: true,
      }),
    ),
    maxStaleness: optional(
      'duration',
      'without news for this long, routes do as their whenStale says',
      '60s',
    ),
    transmitters: Type.Optional(Type.Array(transmitter, { description: 'others who send security events' })),
  },
  { ...closed, description: 'what is taken away' },
)

export type WrittenRevocation = Static<typeof revocation>
