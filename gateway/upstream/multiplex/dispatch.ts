import type { ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import type { Duplex } from 'node:stream'
import { acceptOf } from '@gatehouse/kit/http/websocket-accept'
import type { SharedConnection } from './connection.ts'
import type { SharedConnections } from './connections.ts'

/** RFC 9113 section 7. */
const cancelled = 8
const http11Required = 13
/** What a connection that broke leaves behind (no error, refused stream, cancelled); after anything else the service was at fault. */
const lost: ReadonlySet<number | undefined> = new Set([0, 7, cancelled, undefined])

/** HTTP/2 needs none (RFC 8441 section 5). */
const keyHeader = 'sec-websocket-key'
/** What HTTP/2 says otherwise, or not at all (RFC 9113 section 8.2.2); with a length of 0 the first frame would be one too many. */
const ofHttp1: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** Who is told what becomes of a request: undici's handler in its older form. */
export interface AnswerHandler {
  onConnect(abort: (error?: Error) => void): void
  onRequestSent(): void
  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean
  onData(chunk: Buffer): boolean
  onUpgrade(status: number, raw: string[], stream: Duplex): void
  onComplete(): void
  onError(error: Error): void
}

export interface SharedRequest {
  readonly host: string
  readonly path: string
  /** Flat: name, value, name, value. Of a WebSocket's handshake in HTTP/1.1. */
  readonly headers: readonly string[]
  readonly handler: AnswerHandler
  /** Longest silence within an answer that is no WebSocket, in milliseconds; 0: not limited. */
  readonly idleMs: number
  /** Asks by HTTP/1.1, on a connection of its own. */
  alone(): void
}

/** Asks for a WebSocket on a connection that others are on (RFC 8441). */
export function dispatchShared(connections: SharedConnections, request: SharedRequest): void {
  const { handler } = request
  connections.give({
    alone: () => request.alone(),
    fail: (error) => handler.onError(error),
    send: (on) => send(on, request, connections),
  })
}

function send(on: SharedConnection, request: SharedRequest, connections: SharedConnections): void {
  const { handler } = request
  let stream: ClientHttp2Stream | undefined
  let isWanted = true
  let isAnswered = false
  handler.onConnect(() => {
    isWanted = false
    if (stream !== undefined && !isAnswered) on.doubt()
    stream?.close(cancelled)
  })
  if (!isWanted) return
  const { headers, key } = headersOf(request)
  try {
    stream = on.request(headers)
  } catch (error) {
    return handler.onError(new Error('the request cannot be said in HTTP/2', { cause: error }))
  }
  stream.once('response', () => (isAnswered = true))
  handler.onRequestSent()
  follow(stream, request, key, {
    opened: () => connections.opened(),
    sentBack: () => {
      connections.sentBack()
      request.alone()
    },
  })
}

interface Told {
  opened(): void
  sentBack(): void
}

function follow(stream: ClientHttp2Stream, request: SharedRequest, key: string, told: Told): void {
  const { handler } = request
  // What breaks off closes as well.
  stream.on('error', ignored)
  const closed = (): void => {
    if (stream.rstCode === http11Required) told.sentBack()
    else handler.onError(broken(stream.rstCode))
  }
  stream.once('close', closed)
  stream.once('response', ({ ':status': status = 0 }, _flags, raw) => {
    // Nor does an open WebSocket keep what asked for it.
    stream.off('close', closed)
    const said = raw.filter((_, at) => raw[at - (at % 2)]?.startsWith(':') !== true)
    if (status !== 200) return pass(stream, request, status, said)
    told.opened()
    handler.onUpgrade(101, [...said, 'sec-websocket-accept', acceptOf(key)], stream)
  })
}

function ignored(): void {}

/** An answer that is none to the handshake. */
function pass(
  stream: ClientHttp2Stream,
  { handler, idleMs }: SharedRequest,
  status: number,
  said: readonly string[],
): void {
  // HTTP/2 tells by itself where it ends.
  const isStated = said.some((text, at) => at % 2 === 0 && text === 'content-length')
  const head = [...said, ...(isStated ? [] : ['transfer-encoding', 'chunked'])]
  const raw = head.map((text) => Buffer.from(text, 'latin1'))
  if (!handler.onHeaders(status, raw, () => stream.resume())) stream.pause()
  stream.on('data', (chunk: Buffer) => {
    if (!handler.onData(chunk)) stream.pause()
  })
  let isWhole = false
  stream.once('end', () => (isWhole = true))
  stream.once('close', () =>
    isWhole && stream.rstCode === 0 ? handler.onComplete() : handler.onError(broken(stream.rstCode)),
  )
  stream.end()
  if (idleMs > 0) limitSilence(stream, idleMs, () => handler.onError(silent()))
}

/** Not that of whoever takes nothing. */
function limitSilence(stream: ClientHttp2Stream, idleMs: number, run: () => void): void {
  const timer = setTimeout(() => (stream.isPaused() ? timer.refresh() : run()), idleMs).unref()
  stream.on('data', () => timer.refresh()).once('close', () => clearTimeout(timer))
}

/** As undici says it. */
function silent(): Error {
  return Object.assign(new Error('the answer went silent'), { code: 'UND_ERR_BODY_TIMEOUT' })
}

/** A connection that broke says so in the words of repeatable.ts. */
function broken(reset: number | undefined, cause?: unknown): Error {
  const error = new Error(`the service gave the request up (${reset})`, { cause })
  return lost.has(reset) ? Object.assign(error, { code: 'ECONNRESET' }) : error
}

function headersOf({ host, path, headers }: SharedRequest): { headers: OutgoingHttpHeaders; key: string } {
  const { sensitiveHeaders } = process.getBuiltinModule('node:http2')
  const kept: OutgoingHttpHeaders = {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'https',
    ':authority': host,
    ':path': path,
    [sensitiveHeaders]: ['authorization'],
  }
  let key = ''
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = headers.slice(at, at + 2)
    if (name === keyHeader) key = value
    else if (!ofHttp1.has(name)) kept[name] = value
  }
  return { headers: kept, key }
}
