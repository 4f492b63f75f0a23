import { Type, type Static } from '../schema.ts'
import { closed, optional } from './schema-texts.ts'

export const keys = Type.Object(
  {
    rotateEvery: optional('duration', 'how long a key signs', '30d'),
    publish: optional(
      'duration',
      'how long a key is public before it signs: longer than anybody may keep the JWKS (5 min)',
      '10m',
    ),
  },
  { ...closed, description: 'signing keys of the identity server and of the gateway' },
)

export type WrittenKeys = Static<typeof keys>
