import { Type } from '../schema.ts'
import { closed, optional, text } from './schema-texts.ts'

/** What to do without a decision has no default: it must be written. */
export const external = Type.Object(
  {
    url: text('httpUrl', 'asked by POST; answers 200 with {"allow": true} or {"allow": false}'),
    timeout: optional('timeout', 'wait for the decision', '1s'),
    onFailure: Type.Union([Type.Literal('deny'), Type.Literal('allow')], {
      description: 'when there is no decision in time, or none that can be read',
    }),
    cache: Type.Optional(
      text(
        'duration',
        'how long a decision about the same token, route and parameters holds; none by default',
      ),
    ),
  },
  { ...closed, description: 'somebody else decides as well, after scopes, roles and limits' },
)
