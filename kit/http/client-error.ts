import type { Duplex } from 'node:stream'
import { Problem, problemJson, problemMediaType, type ProblemCode } from '../errors.ts'
import type { Logger } from '../log.ts'
import { answering, inTurn } from './in-turn.ts'
import { http } from './node-http.ts'
import { newTxn } from './txn.ts'

/** How long a refused client may go on sending before the socket is cut; cut at once, it may not see why. */
const drainMs = 500

/**
 * Answers requests that the HTTP parser refused: no request object exists, so the answer is written to the
 * socket by hand, and the connection ends (RFC 9112 section 11.2: nothing after a bad message can be trusted).
 * What came whole before it is answered first.
 */
export function clientErrorHandler(log: Logger, urlBytes: number): (error: Error, socket: Duplex) => void {
  const refused = new WeakSet<Duplex>()
  return (error, socket) => {
    if (socket.destroyed || socket.writableEnded) return
    const code = clientErrorCode(error, urlBytes)
    if (code === undefined) return void socket.destroy()
    // The parser says so at each packet that follows.
    if (refused.has(socket)) return
    refused.add(socket)
    inTurn(socket, () => refuse(log, socket, code, error))
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

function clientErrorCode(error: Error, urlBytes: number): ProblemCode | undefined {
  const reason = 'code' in error ? error.code : undefined
  if (reason === 'HPE_HEADER_OVERFLOW')
    return isLongTarget(error, urlBytes) ? 'uri_too_long' : 'headers_too_large'
  if (reason === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout'
  if (typeof reason === 'string' && reason.startsWith('HPE_')) return 'invalid_request'
  return undefined
}

/** The parser counts target and headers together, so which of them was too long is read from its last packet. */
function isLongTarget(error: Error, urlBytes: number): boolean {
  if (!('rawPacket' in error) || !Buffer.isBuffer(error.rawPacket)) return false
  const lineEnd = error.rawPacket.indexOf('\n')
  const line = error.rawPacket.subarray(0, lineEnd < 0 ? undefined : lineEnd)
  return line.length > urlBytes && /^[A-Z]{1,20} \S/.test(line.subarray(0, 22).toString('latin1'))
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
