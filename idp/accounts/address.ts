import { isIPv4, isIPv6 } from 'node:net'

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * What counts as one address when attempts are counted: an IPv4 address, mapped ones included, and the /64 of an
 * IPv6 address, because whoever has one of those has all of them.
 */
export function addressKey(address: string): string {
  const bare = address.split('%')[0] ?? address
  const v4 = mapped.exec(bare)?.[1] ?? bare
  if (isIPv4(v4)) return v4
  if (!isIPv6(bare)) return 'unknown'
  return groupsOf(bare).slice(0, 4).join(':')
}

/** The eight groups of an IPv6 address without leading zeros. */
function groupsOf(address: string): readonly string[] {
  // URL writes an address in its canonical form (RFC 5952), dotted endings included.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array.from({ length: gap }, () => '0'), ...right]
}
