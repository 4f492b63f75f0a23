import type { Socket } from 'node:net'

/** Node closes a caller's connection after two minutes without a byte; what may take longer says so. */
const longWaitMs = 100_000

/** Keeps the connection of a caller open for as long as it may have to wait for the next byte of its answer. */
export function outlast(caller: Socket, waitMs: number): void {
  // What our own page asks (web/own-api.ts) comes over no connection.
  if (waitMs > longWaitMs && 'setTimeout' in caller) caller.setTimeout(waitMs + longWaitMs)
}
