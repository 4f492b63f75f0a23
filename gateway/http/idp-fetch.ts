import type { CustomFetch, FetchBody } from 'openid-client'
import { Agent } from '@gatehouse/kit/http/undici'

const maxAnswerBytes = 1024 * 1024
const connections = 16

export interface IdpFetch {
  readonly fetch: CustomFetch
  readonly close: () => Promise<void>
}

/**
 * `fetch` for `openid-client` on connections of our own, so that they are bounded, and closed when the gateway stops.
 * An answer is read whole, up to 1 MiB; redirects are not followed.
 */
export function createIdpFetch(timeoutMs: number): IdpFetch {
  const agent = new Agent({
    connections,
    maxResponseSize: maxAnswerBytes,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  return {
    async fetch(url, { method, headers, body, signal }) {
      const { origin, pathname, search } = new URL(url)
      const response = await agent.request({
        origin,
        path: `${pathname}${search}`,
        method,
        headers,
        body: bodyText(body),
        signal: signal ?? AbortSignal.timeout(timeoutMs),
      })
      const text = await response.body.text()
      const answered = new Headers()
      for (const [name, value] of Object.entries(response.headers)) {
        for (const line of [value ?? []].flat()) answered.append(name, line)
      }
      return new Response(text === '' ? null : text, { status: response.statusCode, headers: answered })
    },
    close: () => agent.destroy(),
  }
}

function bodyText(body: FetchBody): string | null {
  if (body === null || body === undefined) return null
  if (typeof body === 'string' || body instanceof URLSearchParams) return body.toString()
  throw new TypeError('openid-client sent a body that is not text')
}
