const unsafe = /[\p{C}\s\\@#]/u
const maxLength = 255

/**
 * A client id that names its metadata (draft-ietf-oauth-client-id-metadata-document section 3): https, with a path, no
 * fragment, no user, no dot segments, written as a URL prints itself, so that there is one way to write it.
 */
export function documentUrl(clientId: string): URL | undefined {
  if (!clientId.startsWith('https://') || clientId.length > maxLength || unsafe.test(clientId))
    return undefined
  const url = URL.parse(clientId)
  if (url === null || url.href !== clientId || url.pathname === '/') return undefined
  return url
}

/** @param hosts names with their port unless it is 443; `*.example.com` for all below one, but not itself */
export function isHostAllowed(hosts: 'any' | readonly string[], url: URL): boolean {
  if (hosts === 'any') return true
  return hosts.some((host) => (host.startsWith('*.') ? url.host.endsWith(host.slice(1)) : url.host === host))
}
