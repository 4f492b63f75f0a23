import type { Duplex } from 'node:stream'
import { Problem, problemJson, problemMediaType, type ProblemCode } from '../errors.ts'
import type { Logger } from '../log.ts'
import { answering, inTurn } from './in-turn.ts'
import type { HttpLimits } from './limits.ts'
import { http } from './node-http.ts'
import { tooLong } from './too-long.ts'
import { newTxn } from './txn.ts'

/**
 * How long a refused client may go on sending before the socket is cut; cut at once, it may not see why. As long is waited
 * for what tells why it is refused.
 */
const drainMs = 500

/**
 * Answers requests that the HTTP parser refused: no request object exists, so the answer is written to the
 * socket by hand, and the connection ends (RFC 9112 section 11.2: nothing after a bad message can be trusted).
 * What came whole before it is answered first.
 */
export function clientErrorHandler(
  log: Logger,
  limits: Pick<HttpLimits, 'headerBytes' | 'urlBytes'>,
): (error: Error, socket: Duplex) => void {
  const refused = new WeakSet<Duplex>()
  const waiting = new WeakSet<Duplex>()
  const refuseOnce = (socket: Duplex, code: ProblemCode, error: Error): void => {
    if (refused.has(socket)) return
    refused.add(socket)
    inTurn(socket, () => refuse(log, socket, code, error))
  }
  // The parser says so at each packet that follows.
  return (error, socket) => {
    if (socket.destroyed || socket.writableEnded) return
    const code = clientErrorCode(error, limits)
    if (code === 'unknown') return void socket.destroy()
    if (code !== undefined) return refuseOnce(socket, code, error)
    if (waiting.has(socket)) return
    waiting.add(socket)
    setTimeout(() => refuseOnce(socket, 'headers_too_large', error), drainMs).unref()
  }
}

/** A tunnel is not to be had: the target of a CONNECT is no path of ours. Node would close without a word. */
export function connectHandler(log: Logger): (request: unknown, socket: Duplex) => void {
  return (_request, socket) => {
    socket.on('error', () => socket.destroy())
    // It is Node's no longer, which would not end it with the others.
    if (answering(socket) === undefined) refuse(log, socket, 'invalid_path')
    else socket.destroy()
  }
}

function refuse(log: Logger, socket: Duplex, code: ProblemCode, err?: Error): void {
  const txn = newTxn()
  log.info({ txn, code, err }, 'request refused by the HTTP parser')
  socket.end(rawProblem(new Problem(code), txn))
  setTimeout(() => socket.destroy(), drainMs).unref()
}

/** @returns undefined: what follows will tell */
function clientErrorCode(
  error: Error,
  limits: Pick<HttpLimits, 'headerBytes' | 'urlBytes'>,
): ProblemCode | 'unknown' | undefined {
  const reason = 'code' in error ? error.code : undefined
  if (reason === 'HPE_HEADER_OVERFLOW') return tooLong(error, limits)
  if (reason === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout'
  if (typeof reason === 'string' && reason.startsWith('HPE_')) return 'invalid_request'
  return 'unknown'
}

function rawProblem(problem: Problem, txn: string): string {
  const body = problemJson(problem, txn)
  const lines = [
    `HTTP/1.1 ${problem.status} ${http.STATUS_CODES[problem.status] ?? 'Error'}`,
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    "content-security-policy: default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options: nosniff',
    `x-request-id: ${txn}`,
    'connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
