/** What a client says about itself with an address (RFC 7591 section 2). */
export const linkMembers = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'] as const

/** As much as is stored of one. */
const maxLength = 2000

/** An address that may be shown or fetched: https, of a host, without credentials. */
export function httpsUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || value.length > maxLength) return undefined
  const url = URL.parse(value)
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '')
    return undefined
  return url
}

/** Metadata without the addresses that we would never show: a server may leave out what it does not take. */
export function withoutBadLinks(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const bad = new Set<string>(linkMembers.filter((name) => httpsUrl(metadata[name]) === undefined))
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !bad.has(name)))
}
