import type { Configuration } from 'oidc-provider'

type Fetch = NonNullable<Configuration['fetch']>

/**
 * Requests that the library makes to clients. It hands over a dispatcher that refuses loopback, link-local and other
 * special addresses, whatever a name resolves to, because URLs of clients are strangers' (attacks.md). What the
 * operator's own configuration names is reached wherever it is.
 * @param ours exact URLs
 */
export function outgoing(ours: ReadonlySet<string>): Fetch {
  return (url, options) => {
    if (!ours.has(String(url))) return globalThis.fetch(url, options)
    const { method, headers, body, signal } = options
    const plain = { method, headers, body, signal: signal ?? AbortSignal.timeout(2500) }
    return globalThis.fetch(url, { ...withoutAbsent(plain), redirect: 'manual' })
  }
}

function withoutAbsent(options: { [K in keyof RequestInit]: RequestInit[K] | undefined }): RequestInit {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
