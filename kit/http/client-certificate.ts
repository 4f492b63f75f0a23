import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { Problem } from '../errors.ts'
import { TrustedProxies } from './trusted-proxies.ts'

const maxHeaderLength = 16_384

export interface CertificateSource {
  /** Where a trusted proxy puts it; lower case. Undefined: no proxy is asked. */
  readonly header: string | undefined
  /** Addresses or CIDR blocks. */
  readonly trustedProxies: readonly string[]
}

/** The certificate that the caller of a request proved to have. @throws Problem `invalid_request`: it cannot be read */
export type ClientCertificate = (request: IncomingMessage) => X509Certificate | undefined

/**
 * Finds the certificate that a client proved to have (RFC 8705): at a proxy that the configuration trusts, or at our own
 * socket. From anybody but such a proxy the header is worth nothing, and a proxy's own certificate is no client's.
 */
export function clientCertificate({ header, trustedProxies }: CertificateSource): ClientCertificate {
  if (header === undefined) return certificateOfSocket
  const proxies = new TrustedProxies(trustedProxies)
  return (request) =>
    proxies.has(request.socket.remoteAddress ?? '')
      ? readHeader(request.headers[header])
      : certificateOfSocket(request)
}

function certificateOfSocket({ socket }: IncomingMessage): X509Certificate | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
}

/** PEM, percent-encoded (nginx, `$ssl_client_escaped_cert`), or a byte sequence (RFC 9440 section 2.2). */
function readHeader(value: string | string[] | undefined): X509Certificate | undefined {
  if (value === undefined || value === '') return undefined
  // Two come joined by a comma, which neither form has: one is the caller's own, and of two PEM texts the first is read.
  const isOne = typeof value === 'string' && !value.includes(',')
  if (!isOne || value.length > maxHeaderLength) throw new Problem('invalid_request')
  const bytes = /^:([A-Za-z0-9+/=]+):$/.exec(value)?.[1]
  try {
    return new X509Certificate(bytes === undefined ? decodeURIComponent(value) : Buffer.from(bytes, 'base64'))
  } catch (cause) {
    throw new Problem('invalid_request', { detail: 'The client certificate cannot be read.', cause })
  }
}
