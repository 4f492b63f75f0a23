import type { Duplex } from 'node:stream'
import { http } from './node-http.ts'

/**
 * Waits until every whole request that came before on a connection has been answered: anything written earlier would be taken
 * for the answer to one of them. `_httpMessage` is where Node keeps the response whose turn it is; Node's own default for
 * what the parser refuses looks there.
 * @param answer not called when the connection has ended by then, or an answer has begun that cannot come to its end
 */
export function inTurn(socket: Duplex, answer: () => void): void {
  if (socket.destroyed || socket.writableEnded) return
  const response = answering(socket)
  if (response === undefined) return answer()
  if (response.req.complete) response.once('close', () => inTurn(socket, answer))
  else if (response.headersSent) socket.destroy()
  else answer()
}

/** The response whose turn it is on a connection. */
export function answering(socket: Duplex): InstanceType<typeof http.ServerResponse> | undefined {
  const response: unknown = Reflect.get(socket, '_httpMessage')
  return response instanceof http.ServerResponse ? response : undefined
}
