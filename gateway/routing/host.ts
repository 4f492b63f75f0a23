import { Problem } from '@gatehouse/kit/errors'

/**
 * The hosts that are served, as the configuration has them, by each way in which callers may write them in lower case: the
 * port that goes without saying may be said (RFC 9110 section 4.2.3), and proxies in front often do.
 */
export type ServedHosts = ReadonlyMap<string, string>

const withoutPort = /^(?:[^:]+|\[[^\]]+\])$/

/** @param protocol `http` or `https`: what callers outside use. */
export function servedHosts(hosts: Iterable<string>, protocol: string): ServedHosts {
  const port = protocol === 'https' ? ':443' : ':80'
  const written = [...hosts].map((host) => host.toLowerCase())
  const otherwise = written.flatMap((host): readonly (readonly [string, string])[] => {
    if (withoutPort.test(host)) return [[host + port, host]]
    return host.endsWith(port) ? [[host.slice(0, -port.length), host]] : []
  })
  return new Map([...otherwise, ...written.map((host) => [host, host] as const)])
}

/**
 * The host that a request is for, as the configuration has it. That there is exactly one `Host`, and a readable one, the
 * kit's server has seen to.
 * @returns `unknown_host` (421, RFC 9110 section 15.5.20) when it is not served here.
 */
export function checkHost(value: string | undefined, hosts: ServedHosts): string | Problem {
  if (value === undefined) return new Problem('invalid_host')
  return hosts.get(value) ?? hosts.get(value.toLowerCase()) ?? new Problem('unknown_host')
}
