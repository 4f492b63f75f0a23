import type http from 'node:http'
import http2 from 'node:http2'
import { http2Options, takeHttp2 } from '@gatehouse/kit/http/http2'
import type { HttpLimits } from '@gatehouse/kit/http/limits'
import { isKnownMethod, unknownMethod } from '../http/unknown-method.ts'
import { bePatient } from './patience.ts'
import { StreamRequest } from './request.ts'
import { StreamResponse } from './response.ts'
import { UntakenAnswers } from './untaken.ts'

const defaultSilenceMs = 120_000

interface Options extends Pick<HttpLimits, 'headerBytes' | 'urlBytes' | 'requestTimeoutMs'> {
  /** Milliseconds; by default as long as HTTP/1.1 connections. */
  readonly silenceMs?: number
}

/**
 * Has a TLS server speak HTTP/2 with those who ask for it by ALPN. Its streams become requests of the same server, so
 * that whatever serves HTTP/1.1 serves them, and nothing changes for HTTP/1.1. No push, no CONNECT, no `h2c`, and no
 * WebSockets (RFC 8441 is not offered, so browsers open an HTTP/1.1 connection for them).
 */
export function speakHttp2(server: http.Server, options: Options): void {
  const { requestTimeoutMs, silenceMs = defaultSilenceMs } = options
  const inner = http2.createServer({
    Http2ServerRequest: StreamRequest,
    Http2ServerResponse: StreamResponse,
    ...http2Options(options),
  })
  inner.setTimeout(silenceMs)
  inner.on('session', (session) => bePatient(session, silenceMs))
  for (const event of ['request', 'checkContinue', 'checkExpectation'] as const) {
    inner.on(event, (request, response) => {
      server.emit(isKnownMethod(request.method) ? event : unknownMethod, request, response)
    })
  }
  // Its target is no path, and is refused as such. Node itself would answer without a word of why.
  inner.on('connect', (request, response) => {
    request.url = request.authority
    server.emit('request', request, response)
  })
  const untaken = new UntakenAnswers(silenceMs / 2)
  server.once('close', () => untaken.stop())
  inner.on('stream', (stream) => {
    untaken.watch(stream)
    limitBody(stream, requestTimeoutMs)
  })
  takeHttp2(server, () => inner)
}

/** One stream must not be kept by a body that does not come. */
function limitBody(stream: http2.ServerHttp2Stream, requestTimeoutMs: number): void {
  if (stream.endAfterHeaders) return
  const late = setTimeout(() => stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM), requestTimeoutMs)
  late.unref()
  const inTime = (): void => clearTimeout(late)
  stream.once('end', inTime).once('close', inTime)
}
