import { BlockList, isIP, isIPv6 } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { StartError } from '@gatehouse/kit/errors'

/** Tells the address of the caller of a request. */
export type ClientAddress = (request: IncomingMessage) => string

/**
 * The caller's address is the socket's, unless that is a trusted proxy's: then it is the last one in
 * `X-Forwarded-For` that no trusted proxy has.
 * @param trustedProxies addresses or CIDR blocks.
 * @throws StartError for anything else in the list.
 */
export function clientAddress(trustedProxies: readonly string[]): ClientAddress {
  if (trustedProxies.length === 0) return socketAddress
  const trusted = blockList(trustedProxies)
  return (request) => {
    const hops = forwardedFor(request)
    let address = socketAddress(request)
    while (isTrusted(trusted, address)) {
      const before = hops.pop()
      if (before === undefined || isIP(before) === 0) return address
      address = unmapped(before)
    }
    return address
  }
}

function socketAddress(request: IncomingMessage): string {
  return unmapped(request.socket.remoteAddress ?? '')
}

/** An IPv4 caller of a dual-stack socket is an IPv4 caller. */
function unmapped(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

function forwardedFor(request: IncomingMessage): string[] {
  const value = request.headers['x-forwarded-for']
  return typeof value === 'string' ? value.split(',').map((hop) => hop.trim()) : []
}

function isTrusted(trusted: BlockList, address: string): boolean {
  return isIP(address) !== 0 && trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    const bits = prefix === undefined ? undefined : Number(prefix)
    if (isIP(address) === 0 || (bits !== undefined && !isPrefix(bits, family))) throw notAnAddress(entry)
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, bits, family)
  }
  return list
}

function isPrefix(bits: number, family: 'ipv4' | 'ipv6'): boolean {
  return Number.isInteger(bits) && bits >= 0 && bits <= (family === 'ipv6' ? 128 : 32)
}

function notAnAddress(entry: string): StartError {
  return new StartError(`gateway.trustedProxies: '${entry}' is not an address or CIDR block`, {
    hint: 'write addresses as 10.0.0.7, 10.0.0.0/8 or fd00::/8',
  })
}
