import type { IncomingMessage } from 'node:http'

/** Node closes a caller's connection after two minutes without a byte; what may take longer says so. */
const longWaitMs = 100_000

type Waiting = Pick<IncomingMessage, 'socket'> & { setTimeout(ms: number): unknown }

/** Keeps the connection of a caller open for as long as it may have to wait for the next byte of its answer. */
export function outlast(request: Waiting, waitMs: number): void {
  // What our own page asks (web/own-api.ts) comes over no connection.
  if (waitMs > longWaitMs && 'setTimeout' in request.socket) request.setTimeout(waitMs + longWaitMs)
}
