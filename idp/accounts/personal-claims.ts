import { Type, type Static } from '@gatehouse/kit/schema'

const closed = { additionalProperties: false }
const text = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }))
const url = Type.Optional(Type.String({ maxLength: 2000, pattern: '^https?://[^\\s]+$' }))
const flag = Type.Optional(Type.Boolean())

/**
 * What OpenID Connect Core section 5.1 lets an identity server know of a person, beside what every account has (`sub`, `name`,
 * `preferred_username`, `email`, `updated_at`). Nothing of it is needed to sign in.
 */
export const personalClaims = Type.Object(
  {
    given_name: text,
    family_name: text,
    middle_name: text,
    nickname: text,
    profile: url,
    picture: url,
    website: url,
    email_verified: flag,
    gender: text,
    /** ISO 8601: `YYYY-MM-DD`, `0000-MM-DD` without the year, or `YYYY`. */
    birthdate: Type.Optional(Type.String({ pattern: '^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$' })),
    /** As in `Europe/Paris`. */
    zoneinfo: text,
    /** As in `fr-CA`. */
    locale: text,
    /** E.164, as in `+1 (425) 555-1212`. */
    phone_number: text,
    phone_number_verified: flag,
    address: Type.Optional(
      Type.Object(
        {
          formatted: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
          street_address: text,
          locality: text,
          region: text,
          postal_code: text,
          country: text,
        },
        closed,
      ),
    ),
  },
  closed,
)

export type PersonalClaims = Static<typeof personalClaims>
