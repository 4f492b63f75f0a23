import type { IncomingMessage } from 'node:http'
import { Problem } from '../errors.ts'
import { maxHeaderLines, type HttpLimits } from './limits.ts'
import { http } from './node-http.ts'

const hostShape = /^(?:[a-z0-9](?:[a-z0-9._-]{0,253})|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i

/**
 * What every request must satisfy before anything else looks at it: sizes, one valid `Host` (RFC 9112
 * section 3.2), a target in origin form, and no expectation that we do not meet (RFC 9110 section 10.1.1).
 * @returns the first problem, or undefined
 */
export function checkRequest(request: IncomingMessage, limits: HttpLimits): Problem | undefined {
  const url = request.url ?? ''
  if (url.length > limits.urlBytes) return new Problem('uri_too_long')
  return (
    checkFraming(request) ??
    checkHeaderLines(request.rawHeaders, limits.headerBytes) ??
    checkTarget(url, request.method) ??
    checkExpectation(request)
  )
}

/**
 * The parser takes HTTP/2.0 and HTTP/0.9 for HTTP/1.1 without a word, and chunks in HTTP/1.0, which knows none: whoever is
 * in front would see another end of the request (RFC 9112 section 6.1). Nor does it take off codings before `chunked`, so
 * nobody behind would hear of them. What came by HTTP/2 is no message of the parser's.
 */
function checkFraming(request: IncomingMessage): Problem | undefined {
  if (!(request instanceof http.IncomingMessage)) return undefined
  const { httpVersion, headers } = request
  const coding = headers['transfer-encoding']
  const isSound =
    httpVersion === '1.1'
      ? coding === undefined || coding.toLowerCase() === 'chunked'
      : httpVersion === '1.0' && coding === undefined
  return isSound ? undefined : new Problem('invalid_request', { headers: { connection: 'close' } })
}

function checkHeaderLines(lines: readonly string[], maxBytes: number): Problem | undefined {
  let bytes = 0
  let hosts = 0
  let host = ''
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const name = lines[index] ?? ''
    const value = lines[index + 1] ?? ''
    bytes += name.length + value.length
    if (name.length === 4 && name.toLowerCase() === 'host') {
      hosts += 1
      host = value
    }
  }
  if (bytes > maxBytes || lines.length > 2 * maxHeaderLines) return new Problem('headers_too_large')
  return hosts === 1 && hostShape.test(host) ? undefined : new Problem('invalid_host')
}

/** The absolute form is refused: it names a second host that could differ from `Host`. */
function checkTarget(url: string, method: string | undefined): Problem | undefined {
  if (url.startsWith('/') || (url === '*' && method === 'OPTIONS')) return undefined
  return new Problem('invalid_path')
}

function checkExpectation(request: IncomingMessage): Problem | undefined {
  const { expect } = request.headers
  if (expect === undefined || expect.toLowerCase() === '100-continue') return undefined
  // The connection is of more than this request in HTTP/2, where Node warns of the header on stderr.
  const headers = request instanceof http.IncomingMessage ? { connection: 'close' } : {}
  return new Problem('expectation_failed', { headers })
}
