import { isIP } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { TrustedProxies, unmapped } from '@gatehouse/kit/http/trusted-proxies'

/** Tells the address of the caller of a request. */
export type ClientAddress = (request: Request) => string

type Request = Pick<IncomingMessage, 'headers' | 'socket'>

/**
 * The caller's address is the socket's, unless that is a trusted proxy's: then it is the last one in
 * `X-Forwarded-For` that no trusted proxy has.
 * @param proxies addresses or CIDR blocks.
 * @throws StartError for anything else in the list.
 */
export function clientAddress(proxies: readonly string[]): ClientAddress {
  const trusted = new TrustedProxies(proxies)
  if (trusted.isEmpty) return socketAddress
  return (request) => {
    const hops = forwardedFor(request)
    let address = socketAddress(request)
    while (trusted.has(address)) {
      const before = hops.pop()
      if (before === undefined || isIP(before) === 0) return address
      address = unmapped(before)
    }
    return address
  }
}

export function socketAddress(request: Request): string {
  return unmapped(request.socket.remoteAddress ?? '')
}

function forwardedFor(request: Request): string[] {
  const value = request.headers['x-forwarded-for']
  return typeof value === 'string' ? value.split(',').map((hop) => withoutPort(hop.trim())) : []
}

/** Some proxies write the port as well; an address of IPv6 is in brackets then (RFC 7239 section 6). */
function withoutPort(hop: string): string {
  const [, v6, v4] = /^(?:\[([^\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(hop) ?? []
  return v6 ?? v4 ?? hop
}
