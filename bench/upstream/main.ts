import net from 'node:net'
import tls from 'node:tls'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { payload, payloadPath, payloadSizes } from './payload.ts'

// The upstream of every contestant: as little as answers a GET with a body of known bytes, so that what is measured
// is the contestant. It reads nothing of a request but its path and where it ends.

const Options = Type.Object({
  /** Ports to listen on. */
  count: Type.Number({ default: 1 }),
  tls: Type.Optional(Type.Object({ ca: Type.String(), cert: Type.String(), key: Type.String() })),
})

const headEnd = Buffer.from('\r\n\r\n')
const answers = new Map(payloadSizes.map((size) => [payloadPath(size), answer('200 OK', payload(size))]))
const unknown = answer('404 Not Found', '{}')
const seen: { requests: number; last: Buffer } = { requests: 0, last: headEnd }

function answer(status: string, body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function serve(socket: net.Socket): void {
  let rest: Buffer | undefined
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    let bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    for (;;) {
      const end = bytes.indexOf(headEnd)
      if (end < 0) break
      seen.requests += 1
      seen.last = bytes
      const path = bytes.toString('latin1', 4, bytes.indexOf(32, 4))
      socket.write(answers.get(path) ?? unknown)
      bytes = bytes.subarray(end + headEnd.length)
    }
    rest = bytes.length === 0 ? undefined : bytes
  })
}

const options = Value.Parse(Options, JSON.parse(process.argv[2] ?? '{}'))

function listening(): Promise<number> {
  const server =
    options.tls === undefined
      ? net.createServer(serve)
      : tls.createServer(
          { ...options.tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
          serve,
        )
  server.on('tlsClientError', (error: Error) => process.stderr.write(`upstream: ${error.message}\n`))
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(address !== null && typeof address === 'object' ? address.port : 0)
    }),
  )
}

const ports = await Promise.all(Array.from({ length: options.count }, listening))
process.send?.({ type: 'ready', ports })
process.on('message', () =>
  process.send?.({
    type: 'seen',
    requests: seen.requests,
    last: seen.last.toString('latin1', 0, seen.last.indexOf(headEnd)),
  }),
)
process.on('disconnect', () => process.exit(0))
