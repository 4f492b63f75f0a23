import type { FastifyInstance, FastifyRequest } from 'fastify'

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

export interface ApiAnswer {
  readonly status: number
  /** Undefined when it is not JSON. */
  readonly body: unknown
}

/** Asks the public door what the browser that asks for a page would ask it, with the same cookie, and no more rights. */
export type OwnApi = (from: FastifyRequest, asked: ApiRequest) => Promise<ApiAnswer>

/** In this process, through the whole pipeline: for people whose browsers run no scripts. */
export function ownApi(app: FastifyInstance, origin: string): OwnApi {
  return async ({ raw }, { method, path, body, headers }) => {
    const passed = ['cookie', 'host', 'user-agent', 'x-forwarded-for', 'forwarded'] as const
    const kept = passed.flatMap((name) => {
      const value = raw.headers[name]
      return typeof value === 'string' ? [[name, value] as const] : []
    })
    const answer = await app.inject({
      method,
      url: path,
      ...(raw.socket.remoteAddress === undefined ? {} : { remoteAddress: raw.socket.remoteAddress }),
      headers: {
        ...headers,
        ...Object.fromEntries(kept),
        accept: 'application/json',
        'sec-fetch-site': 'same-origin',
        ...(method === 'GET' ? {} : { origin, 'x-csrf': '1' }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    return { status: answer.statusCode, body: parsed(answer.payload) }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
