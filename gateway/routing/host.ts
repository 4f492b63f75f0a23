import { Problem } from '@gatehouse/kit/errors'

/**
 * The host that a request is for, in lower case. That there is exactly one `Host`, and a readable one, the kit's
 * server has seen to.
 * @returns `unknown_host` (421, RFC 9110 section 15.5.20) when it is not served here.
 */
export function checkHost(value: string | undefined, hosts: ReadonlySet<string>): string | Problem {
  if (value === undefined) return new Problem('invalid_host')
  if (hosts.has(value)) return value
  const host = value.toLowerCase()
  return hosts.has(host) ? host : new Problem('unknown_host')
}
