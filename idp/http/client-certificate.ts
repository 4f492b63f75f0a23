import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { BlockList, isIPv6 } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Problem } from '@gatehouse/kit/errors'
import { certificateHeader } from '../provider/mutual-tls.ts'

const maxHeaderLength = 16_384

export interface CertificateSource {
  /** Where a trusted proxy puts it; lower case. */
  readonly header: string | undefined
  readonly trustedProxies: readonly string[]
}

/**
 * Finds the certificate that a client proved to have: at our own socket, or at a proxy that the configuration trusts. From
 * anybody else the header is worth nothing, and is dropped.
 * @throws Problem `invalid_request` when a trusted proxy sends something else
 */
export function clientCertificate(source: CertificateSource): (request: IncomingMessage) => void {
  const proxies = blockList(source.trustedProxies)
  return (request) => {
    const { headers, socket } = request
    const sent = source.header === undefined ? undefined : headers[source.header]
    delete headers[certificateHeader]
    if (source.header !== undefined) delete headers[source.header]
    const certificate =
      socket instanceof TLSSocket
        ? socket.getPeerX509Certificate()
        : isTrusted(proxies, socket.remoteAddress)
          ? readHeader(sent)
          : undefined
    if (certificate !== undefined) headers[certificateHeader] = certificate.raw.toString('base64url')
  }
}

/** PEM, percent-encoded (nginx, `$ssl_client_escaped_cert`), or a byte sequence (RFC 9440 section 2.2). */
function readHeader(value: string | string[] | undefined): X509Certificate | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string' || value.length > maxHeaderLength) throw new Problem('invalid_request')
  const bytes = /^:([A-Za-z0-9+/=]+):$/.exec(value)?.[1]
  try {
    return new X509Certificate(bytes === undefined ? decodeURIComponent(value) : Buffer.from(bytes, 'base64'))
  } catch (cause) {
    throw new Problem('invalid_request', { detail: 'The client certificate cannot be read.', cause })
  }
}

function isTrusted(proxies: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false
  const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
  return proxies.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
}

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}
