import { Type } from '../schema.ts'
import { closed, optional, texts } from './schema-texts.ts'

/** Only exact origins: neither `*` nor `null` can be written. */
export const cors = Type.Object(
  {
    origins: texts('origin', 'pages of these origins may read the answers', 1),
    credentials: Type.Optional(
      Type.Boolean({ description: 'with the cookies of a session as well', default: false }),
    ),
    headers: Type.Optional(texts('header', 'request headers that they may send besides the simple ones', 1)),
    expose: Type.Optional(texts('header', 'response headers that they may read besides the simple ones', 1)),
    maxAge: optional('duration', 'how long a browser may keep the answer to a preflight', '10m'),
  },
  { ...closed, description: 'pages of other origins (CORS); without it none' },
)
