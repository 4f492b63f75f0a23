import type { ClientHttp2Session } from 'node:http2'
import { connect, type ConnectionOptions } from 'node:tls'
import { answerHeaderBytes } from '@gatehouse/kit/http/limits'

const keepAliveMs = 60_000
/** Of an answer; Node's parser of HTTP/1.1 takes no more either, and its client of HTTP/2 would take 128. */
const headerLines = 2_000
/** For requests that name none; ours do. */
const authority = 'https://service'

export interface ConnectOptions {
  readonly tls: ConnectionOptions
  /** Name or address. */
  readonly host: string
  readonly port: number
  /** What the service is called, where it may answer to several names (RFC 6066 section 3); empty: it has an address only. */
  readonly serverName: string
  /** For all of it, in milliseconds. */
  readonly timeoutMs: number
  /** Is given the connection when it is open. */
  readonly onConnect?: ((socket: unknown) => void) | undefined
}

/** The service cannot have WebSockets share a connection. */
export class NotShared extends Error {
  override readonly name = 'NotShared'
}

/** What OpenSSL says when the other end knows none of the protocols that were offered (RFC 7301 section 3.2). */
const noProtocol = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'

/**
 * Opens a connection on which WebSockets can be asked for (RFC 8441).
 * @throws NotShared when there is a service that cannot; what Node says when there is none, or another one.
 */
export async function connectShared(options: ConnectOptions): Promise<ClientHttp2Session> {
  const { tls, host, port, serverName, timeoutMs, onConnect } = options
  const { promise, resolve, reject } = Promise.withResolvers<ClientHttp2Session>()
  const socket = connect({ ...tls, host, port, servername: serverName, ALPNProtocols: ['h2'] })
  const timer = setTimeout(() => reject(timedOut()), timeoutMs)
  socket.setNoDelay(true).setKeepAlive(true, keepAliveMs)
  socket.once('error', (error) =>
    reject('code' in error && error.code === noProtocol ? new NotShared() : error),
  )
  socket.once('close', () => reject(new Error('the service closed the connection')))
  socket.once('secureConnect', () => {
    if (socket.alpnProtocol !== 'h2') return reject(new NotShared())
    onConnect?.(socket)
    // Loaded when it is wanted.
    const session = process.getBuiltinModule('node:http2').connect(authority, {
      createConnection: () => socket,
      // RFC 9113 section 6.5.2: each line counts 32 more.
      settings: { enablePush: false, maxHeaderListSize: answerHeaderBytes + 32 * headerLines },
      maxHeaderListPairs: headerLines,
    })
    session.on('error', reject)
    session.once('remoteSettings', ({ enableConnectProtocol }) =>
      enableConnectProtocol === true ? resolve(session) : reject(new NotShared()),
    )
  })
  return promise
    .catch((error: unknown) => {
      socket.destroy()
      throw error
    })
    .finally(() => clearTimeout(timer))
}

function timedOut(): Error {
  return Object.assign(new Error('the connection was not there in time'), { code: 'ETIMEDOUT' })
}
