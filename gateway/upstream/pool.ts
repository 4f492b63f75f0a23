import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { telling } from '@gatehouse/kit/http/client'
import { answerHeaderBytes } from '@gatehouse/kit/http/limits'
import { isLoopbackAddress } from '@gatehouse/kit/loopback'
import { buildConnector, type Connector, Pool } from '@gatehouse/kit/http/undici'
import { mtlsConnect } from '@gatehouse/kit/mtls/tls'
import type { WorkloadMaterial } from '@gatehouse/kit/mtls/material'
import { RenewedPool } from './renewed-pool.ts'
import { connectShared } from './multiplex/connect.ts'
import { SharedConnections } from './multiplex/connections.ts'

const httpsPort = 443
const keptIdleMs = 60_000
const keptIdleAtMostMs = 600_000
/** Connections are made anew now and then, so that a name that has moved is followed (its address is looked up). */
const connectionLifeMs = 300_000

export interface PoolOptions {
  /** A function is asked at each new connection, so that a renewed certificate is used. */
  readonly material: WorkloadMaterial | (() => WorkloadMaterial)
  /** SPIFFE ID that the target must prove; undefined: it is plain, and on this machine. */
  readonly expected: string | undefined
  readonly origin: string
  /** Where to connect instead of looking the origin's name up. */
  readonly address: string | undefined
  readonly connections: number
  readonly connectMs: number
  /** Is given each connection over TLS when it is open. */
  readonly onConnect?: ((socket: unknown) => void) | undefined
}

/** Connections to one target. Waiting for answers is limited request by request. */
export function upstreamPool(options: PoolOptions): RenewedPool {
  const connect = connector(options)
  const make = (): Pool =>
    new Pool(options.origin, {
      connections: options.connections,
      connect,
      keepAliveTimeout: keptIdleMs,
      keepAliveMaxTimeout: keptIdleAtMostMs,
      maxHeaderSize: answerHeaderBytes,
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
    })
  return new RenewedPool(make, connectionLifeMs)
}

/** Connections to the same target that its WebSockets share; a plain target has none, since they cost little there. */
export function sharedConnections(options: PoolOptions): SharedConnections | undefined {
  const { origin, address, expected, connectMs, onConnect } = options
  if (expected === undefined) return undefined
  const { hostname, port } = new URL(origin)
  const tls = tlsOptions({ ...options, expected })
  const name = hostname.replaceAll(/[[\]]/g, '')
  const to = {
    host: address ?? name,
    port: Number(port || httpsPort),
    serverName: isIP(name) === 0 ? name : '',
    timeoutMs: connectMs,
    onConnect,
  }
  return new SharedConnections(() => connectShared({ ...to, tls: tls() }))
}

function connector(options: PoolOptions): Connector {
  const { expected } = options
  if (expected === undefined) return plainConnector(options)
  return telling(secureConnector({ ...options, expected }), options.onConnect)
}

/** What the name of this machine stands for is looked up by others: where it led is checked. */
function plainConnector({ address, connectMs }: PoolOptions): Connector {
  const connect = buildConnector({ timeout: connectMs })
  return (options, callback) => {
    connect(address === undefined ? options : { ...options, hostname: address }, (...result) => {
      const [error, socket] = result
      if (error !== null || isLoopbackAddress(socket.remoteAddress ?? '')) return callback(...result)
      socket.destroy()
      callback(new Error('a plain target is not on this machine'), null)
    })
  }
}

interface SecureOptions extends PoolOptions {
  readonly expected: string
}

function secureConnector(options: SecureOptions): Connector {
  const { address, connectMs } = options
  const tls = tlsOptions(options)
  let own = tls()
  const build = (): Connector => buildConnector({ ...own, timeout: connectMs })
  let connect = build()
  return (wanted, callback) => {
    const now = tls()
    if (now !== own) {
      own = now
      connect = build()
    }
    // The identity is the certificate's SPIFFE ID, so that the address may stand for the name.
    connect(address === undefined ? wanted : { ...wanted, hostname: address }, callback)
  }
}

/** What every connection to a target needs; the same until the certificate is another one. */
function tlsOptions({ material, expected }: SecureOptions): () => ReturnType<typeof mtlsConnect> {
  const build = (own: WorkloadMaterial) => {
    const options = mtlsConnect(own, expected)
    // Otherwise each connection would read the key and the certificates anew, and hold them.
    return { ...options, secureContext: createSecureContext(options) }
  }
  const current = typeof material === 'function' ? material : () => material
  let own = current()
  let options = build(own)
  return () => {
    const now = current()
    if (now !== own) {
      own = now
      options = build(now)
    }
    return options
  }
}
