import net from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { createHttpServer, listen, type HttpServerOptions } from '@gatehouse/kit/http/server'
import { createLogger } from '@gatehouse/kit/log'

export interface Served {
  readonly app: FastifyInstance
  readonly port: number
  readonly url: string
  /** What was logged, one parsed line each. */
  readonly logged: readonly unknown[]
}

/** A real server on a free port of 127.0.0.1, closed when the test ends. */
export async function serve(
  t: Test,
  register: (app: FastifyInstance) => void,
  options: Partial<HttpServerOptions> = {},
): Promise<Served> {
  const logged: unknown[] = []
  const log = createLogger({
    name: 'test',
    destination: { write: (line) => void logged.push(JSON.parse(line)) },
  })
  const app = createHttpServer({ log, ...options })
  register(app)
  await listen(app, { host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const port = portOf(app.server)
  return { app, port, url: `http://127.0.0.1:${port}`, logged }
}

export function portOf(server: net.Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address.port
}

/** Sends bytes as they are and returns everything that comes back until the server ends the connection. */
export async function sendRaw(port: number, ...parts: readonly string[]): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  socket.setTimeout(15_000, () => socket.destroy(new Error('the server neither answered nor closed')))
  for (const part of parts) socket.write(part)
  return text(socket)
}

/** The body of a raw answer with one content-length body, parsed. */
export function bodyOf(answer: string): unknown {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))
}

/** Words that would tell which libraries are at work here. */
export const libraryWords =
  /fastify|FST_|undici|node:|HPE_|ERR_|ajv|statusCode|SyntaxError|Unexpected|\bat .*:\d+/i
