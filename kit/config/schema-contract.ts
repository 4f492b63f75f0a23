import { Type } from '../schema.ts'
import { closed, text } from './schema-texts.ts'

const document = text('document', 'OpenAPI 3.0 or 3.1; a relative path starts at this configuration')

/** What a route's requests must fit. */
export const contract = Type.Union(
  [
    Type.String({ form: 'document' }),
    Type.Object(
      {
        document,
        operation: Type.Optional(
          Type.String({ description: 'its operationId; otherwise the one with the same method and path' }),
        ),
      },
      closed,
    ),
  ],
  { description: 'OpenAPI document that requests must fit; others are refused at the door' },
)
