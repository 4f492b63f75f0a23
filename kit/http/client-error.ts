import type { Socket } from 'node:net'
import { Problem, problemJson, problemMediaType, type ProblemCode } from '../errors.ts'
import type { Logger } from '../log.ts'
import { http } from './node-http.ts'
import { newTxn } from './txn.ts'

/** How long a refused client may go on sending before the socket is cut; cut at once, it may not see why. */
const drainMs = 500

/**
 * Answers requests that the HTTP parser refused: no request object exists, so the answer is written to the
 * socket by hand, and the connection ends (RFC 9112 section 11.2: nothing after a bad message can be trusted).
 */
export function clientErrorHandler(log: Logger, urlBytes: number): (error: Error, socket: Socket) => void {
  return (error, socket) => {
    if (socket.destroyed || socket.writableEnded) return
    const code = clientErrorCode(error, urlBytes)
    if (code === undefined || !mayAnswer(socket)) {
      socket.destroy()
      return
    }
    const txn = newTxn()
    log.info({ txn, code, err: error }, 'request refused by the HTTP parser')
    socket.end(rawProblem(new Problem(code), txn))
    setTimeout(() => socket.destroy(), drainMs).unref()
  }
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

/**
 * With a whole earlier request still being answered, a raw answer would be taken for that request's answer.
 * `_httpMessage` is where Node keeps the response that the socket belongs to; Node's own default looks there.
 */
function mayAnswer(socket: Socket): boolean {
  const response: unknown = Reflect.get(socket, '_httpMessage')
  if (typeof response !== 'object' || response === null) return socket.writable
  const request: unknown = Reflect.get(response, 'req')
  const isWhole = typeof request === 'object' && request !== null && Reflect.get(request, 'complete') === true
  return socket.writable && !isWhole && Reflect.get(response, 'headersSent') !== true
}

function rawProblem(problem: Problem, txn: string): string {
  const body = problemJson(problem, txn)
  const lines = [
    `HTTP/1.1 ${problem.status} ${http.STATUS_CODES[problem.status] ?? 'Error'}`,
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
