import { Type } from '../schema.ts'
import { closed, text } from './schema-texts.ts'

const kind = Type.Union(
  [Type.Literal('text'), Type.Literal('number'), Type.Literal('flag'), Type.Literal('texts')],
  { description: 'texts: a list of them' },
)

const field = Type.Object(
  {
    type: kind,
    words: text('words', 'what people read on the consent page'),
    required: Type.Optional(Type.Boolean({ description: 'a request without it is refused', default: false })),
    oneOf: Type.Optional(
      Type.Array(Type.String(), {
        description: 'the texts that there are; else any of up to 200 characters',
        minItems: 1,
      }),
    ),
    minimum: Type.Optional(Type.Integer({ description: 'of a number' })),
    maximum: Type.Optional(Type.Integer({ description: 'of a number' })),
  },
  closed,
)

const detail = Type.Object(
  {
    words: text('words', 'what people read on the consent page'),
    fields: Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$' }), field, {
      description: 'what a detail of this type may say; everything else is refused',
    }),
  },
  closed,
)

/** Types of authorization details (RFC 9396) that there are. */
export const authorizationDetails = Type.Record(
  Type.String({ pattern: '^[A-Za-z][A-Za-z0-9._:/-]{0,199}$' }),
  detail,
  { description: 'types of rich authorization requests (RFC 9396); without any the feature is off' },
)
