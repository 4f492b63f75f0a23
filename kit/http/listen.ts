import net from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Listen } from '../config/types.ts'
import { StartError } from '../errors.ts'

/**
 * Starts accepting connections. `localhost` means 127.0.0.1 and, where there is one, ::1, because clients
 * pick either.
 * @throws StartError when the port is taken or may not be used
 */
export async function listen(app: FastifyInstance, at: Listen): Promise<void> {
  const host = at.host === 'localhost' ? '127.0.0.1' : at.host
  try {
    const { port, reusePort = false } = at
    const told = { listenTextResolver: () => `listening on ${at.host}:${port}` }
    // Fastify hands on what `net.Server` takes, and its types do not know this one yet.
    await app.listen(Object.assign({ host, port, ...told }, reusePort ? { reusePort } : {}))
    if (at.host === 'localhost') await listenOnLoopback6(app.server, reusePort)
  } catch (error) {
    await app.close()
    throw listenFault(error, at)
  }
}

/** Hands the connections of a second socket to the same server, so that all its timeouts and limits hold, its end among them. */
async function listenOnLoopback6(server: net.Server, reusePort: boolean): Promise<void> {
  const address = server.address()
  if (address === null || typeof address === 'string') return
  const second = net.createServer({ noDelay: true }, (socket) => server.emit('connection', socket))
  const close = server.close.bind(server)
  server.close = (done) => {
    let open = 2
    const closed = (error?: Error): void => {
      open -= 1
      if (open === 0) done?.(error)
    }
    second.close(() => closed())
    return close(closed)
  }
  await new Promise<void>((resolve, reject) => {
    second.once('listening', resolve)
    second.on('error', (error) => {
      if (second.listening) server.emit('error', error)
      else if (isAbsent(error)) resolve()
      else reject(error)
    })
    second.listen({ host: '::1', port: address.port, ipv6Only: true, reusePort })
  })
}

function isAbsent(error: Error): boolean {
  return 'code' in error && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT')
}

function listenFault(error: unknown, at: Listen): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const address = `${at.host}:${at.port}`
  if (code === 'EADDRINUSE') {
    return new StartError(`port ${at.port} on ${at.host} is already in use`, {
      hint: `stop what listens there ('ss -ltnp | grep :${at.port}'), or move every port with GATEHOUSE_PORT_BASE`,
      cause: error,
    })
  }
  if (code === 'EACCES') {
    return new StartError(`not allowed to listen on ${address}`, {
      hint: 'ports below 1024 need a privilege; choose a higher one in the configuration',
      cause: error,
    })
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new StartError(`${at.host} is not an address of this machine`, {
      hint: `correct the 'listen' entry for port ${at.port} in the configuration`,
      cause: error,
    })
  }
  return error
}
