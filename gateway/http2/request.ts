import type { IncomingHttpHeaders } from 'node:http'
import { Http2ServerRequest, type ServerHttp2Stream } from 'node:http2'
import type { ReadableOptions } from 'node:stream'
import { outlastStream } from './patience.ts'

/**
 * A request of HTTP/2 as the pipeline knows requests: with one `Host`, and with a body exactly if its headers say so.
 * What HTTP/1.1 says with headers, HTTP/2 says with frames (RFC 9113 section 8.1).
 */
export class StreamRequest extends Http2ServerRequest {
  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    options: ReadableOptions,
    rawHeaders: string[],
  ) {
    dropPseudoHeaders(rawHeaders)
    nameHost(headers, rawHeaders)
    // Nobody reads one of no length, even if its end comes in a frame of its own.
    const isBodyless = stream.endAfterHeaders || headers['content-length'] === '0'
    if (!isBodyless && headers['content-length'] === undefined) headers['transfer-encoding'] = 'chunked'
    super(stream, headers, options, rawHeaders)
    // Node's own is about whether anybody has read it.
    const isComplete = (): boolean => isBodyless || this.readableEnded
    Object.defineProperty(this, 'complete', { get: isComplete })
    // Node would tell of a body that broke off as of one that ended, and it would look whole at the service.
    stream.prependListener('aborted', () => this.#breakOff())
    stream.prependListener('close', () => {
      if (stream.rstCode !== 0 && !isComplete()) this.#breakOff()
    })
  }

  /** For its connection, as that of a request of HTTP/1.1. */
  override setTimeout(ms: number): void {
    outlastStream(this.stream, ms)
  }

  #breakOff(): void {
    this.destroy(this.listenerCount('error') > 0 ? new Error('the caller broke off') : undefined)
  }
}

/** They come before all others (section 8.3), and say what HTTP/1.1 has in its request line. */
function dropPseudoHeaders(rawHeaders: string[]): void {
  let count = 0
  while (rawHeaders[count]?.startsWith(':') === true) count += 2
  rawHeaders.splice(0, count)
}

/** `:authority` is `Host` (section 8.3.1). Two that differ are left to be refused like two `Host`s. */
function nameHost(headers: IncomingHttpHeaders, rawHeaders: string[]): void {
  const authority = headers[':authority']
  if (typeof authority !== 'string' || headers.host === authority) return
  rawHeaders.push('host', authority)
  headers.host ??= authority
}
