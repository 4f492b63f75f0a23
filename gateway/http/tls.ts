import { readFileSync } from 'node:fs'
import type { ServerOptions } from 'node:https'
import type { GatewayConfig } from '@gatehouse/kit/config/types'
import { StartError } from '@gatehouse/kit/errors'

/** Those of TLS 1.3, and for TLS 1.2 the ones that BCP 195 recommends (RFC 9325 section 4.2). */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':')

/**
 * TLS of the public door.
 * @throws StartError when a file cannot be read.
 */
export function publicTls(tls: GatewayConfig['tls']): ServerOptions | undefined {
  if (tls === undefined) return undefined
  return {
    cert: read(tls.certFile, 'gateway.tls.cert'),
    key: read(tls.keyFile, 'gateway.tls.key'),
    minVersion: 'TLSv1.2',
    ciphers,
    // Whose it is says the token that is bound to it; no authority is needed for that.
    requestCert: tls.clientCertificates,
    rejectUnauthorized: false,
    ALPNProtocols: tls.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
  }
}

function read(file: string, key: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new StartError(`${key}: ${file} cannot be read`, { hint: 'name a file in PEM', cause })
  }
}
