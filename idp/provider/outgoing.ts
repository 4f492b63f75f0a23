import type { Configuration } from 'oidc-provider'
import type { GuardedFetch } from '../fetch/guarded-fetch.ts'

type Fetch = NonNullable<Configuration['fetch']>

/**
 * Requests that the library makes to clients. URLs of clients are strangers' (attacks.md), so they go through the guarded
 * client. What the operator's own configuration names is reached wherever it is.
 * @param ours exact URLs
 */
export function outgoing(ours: ReadonlySet<string>, guarded: GuardedFetch): Fetch {
  return (input, options) => {
    const url = input instanceof Request ? input.url : String(input)
    const { method = 'GET', headers, body, signal } = options ?? {}
    const sent = body instanceof URLSearchParams || typeof body === 'string' ? body.toString() : null
    if (!ours.has(url)) {
      return guarded.fetch(url, { method, headers: Object.fromEntries(new Headers(headers)), body: sent })
    }
    const plain = { method, body: sent, signal: signal ?? AbortSignal.timeout(2500) }
    return globalThis.fetch(url, { ...plain, headers: new Headers(headers), redirect: 'manual' })
  }
}
