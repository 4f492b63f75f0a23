import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { http } from '@gatehouse/kit/http/node-http'
import { Type, type Static } from '@gatehouse/kit/schema'

const texts = Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 })

/** What is asked: a request, and who would send it: whoever has the token, somebody assumed, or nobody. */
export const questionSchema = Type.Object(
  {
    method: Type.String({ pattern: '^[A-Z]{1,20}$' }),
    path: Type.String({ pattern: '^/', maxLength: 8192 }),
    host: Type.Optional(Type.String({ maxLength: 260 })),
    headers: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 8192 }))),
    token: Type.Optional(Type.String({ maxLength: 16_384 })),
    as: Type.Optional(
      Type.Object(
        {
          sub: Type.String({ maxLength: 200 }),
          client_id: Type.Optional(Type.String({ maxLength: 200 })),
          scopes: Type.Optional(texts),
          roles: Type.Optional(texts),
          acr: Type.Optional(Type.String({ maxLength: 200 })),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)

export type Question = Static<typeof questionSchema>

/** The request as the stages would see it, with nobody at the other end. */
export function requestOf({ method, path, headers = {} }: Question, host: string): IncomingMessage {
  const request = new http.IncomingMessage(new Socket())
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  request.method = method
  request.url = path
  request.httpVersionMajor = 1
  request.httpVersionMinor = 1
  request.headers = { ...Object.fromEntries(lower), host }
  request.rawHeaders = Object.entries(request.headers).flatMap(([name, value]) => [name, String(value)])
  return request
}
