import { constants, Http2ServerResponse, type ServerHttp2Stream } from 'node:http2'
import type { StreamRequest } from './request.ts'

/** An answer of HTTP/2, as far as the forwarder knows answers and Node's own differs from those of HTTP/1.1. */
export class StreamResponse extends Http2ServerResponse<StreamRequest> {
  constructor(stream: ServerHttp2Stream) {
    super(stream)
    Object.defineProperty(this, 'destroyed', { get: () => stream.destroyed || stream.closed })
    // What is left of the request nobody takes, and its caller would wait to send it. A reset instead leaves Node's own
    // clients waiting for ever.
    stream.once('finish', () => {
      if (!this.req.complete) stream.removeAllListeners('data').resume()
    })
  }

  /** An answer that breaks off is reset, so that it does not look whole (RFC 9113 section 8.1). */
  override destroy(): this {
    this.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    return this
  }

  /** 102 (RFC 2518 section 10.1). */
  writeProcessing(): void {
    if (!this.stream.destroyed && !this.headersSent) this.stream.additionalHeaders({ ':status': 102 })
  }
}
