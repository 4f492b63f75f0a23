import { readFileSync } from 'node:fs'
import type { ServerOptions } from 'node:https'
import type { GatewayConfig } from '@gatehouse/kit/config/types'
import { StartError } from '@gatehouse/kit/errors'

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
