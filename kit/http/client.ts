import type { Dispatcher } from 'undici'
import { buildConnector, type Connector, Pool } from './undici.ts'
import { mtlsConnect } from '../mtls/tls.ts'
import type { WorkloadMaterial } from '../mtls/material.ts'

const defaultConnections = 16
const defaultConnectTimeoutMs = 2_000
const idleMs = 60_000
const answerTimeoutMs = 30_000

/**
 * A pool of mTLS connections to one workload.
 * @param o.material a function is asked at each new connection, so that a renewed certificate is used.
 * @param o.expected SPIFFE ID that the server must prove.
 * @param o.origin `https://host:port`
 * @param o.connections at most; default 16.
 * @param o.connectTimeoutMs TCP and TLS together; default 2 s.
 * @param o.onConnect is given each connection when it is open.
 */
export function createMtlsClient(o: {
  readonly material: WorkloadMaterial | (() => WorkloadMaterial)
  readonly expected: string
  readonly origin: string
  readonly connections?: number
  readonly connectTimeoutMs?: number
  readonly onConnect?: (socket: unknown) => void
}): Pool {
  return new Pool(o.origin, {
    connections: o.connections ?? defaultConnections,
    connect: telling(
      connectorOf(o.material, o.expected, o.connectTimeoutMs ?? defaultConnectTimeoutMs),
      o.onConnect,
    ),
    keepAliveTimeout: idleMs,
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
    pipelining: 1,
  })
}

/** A connector that shows its connections to somebody else as well. */
export function telling(connect: Connector, onConnect: ((socket: unknown) => void) | undefined): Connector {
  if (onConnect === undefined) return connect
  return (options, callback) =>
    connect(options, (...result) => {
      if (result[1] !== null) onConnect(result[1])
      callback(...result)
    })
}

function connectorOf(
  material: WorkloadMaterial | (() => WorkloadMaterial),
  expected: string,
  timeout: number,
): Connector {
  const build = (own: WorkloadMaterial) => buildConnector({ ...mtlsConnect(own, expected), timeout })
  if (typeof material !== 'function') return build(material)
  let current = material()
  let connect = build(current)
  return (options, callback) => {
    const now = material()
    if (now !== current) {
      current = now
      connect = build(now)
    }
    connect(options, callback)
  }
}

export type FetchCode = 'unreachable' | 'timeout' | 'bad_status' | 'too_large' | 'not_json'

/** Why a document could not be fetched. `cause` is for the log. */
export class FetchError extends Error {
  override readonly name = 'FetchError'
  readonly code: FetchCode

  constructor(code: FetchCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

export interface FetchLimits {
  /** For the whole of it, connection and body included. */
  readonly timeoutMs: number
  /** Of the body. */
  readonly maxBytes: number
  /** Gives up earlier. */
  readonly signal?: AbortSignal
}

/**
 * GETs a JSON document.
 * @throws FetchError
 */
export async function fetchJson(pool: Dispatcher, path: string, limits: FetchLimits): Promise<unknown> {
  const { text } = await get(pool, path, limits)
  return parsed(text ?? '', path)
}

/**
 * GETs a JSON document if it is another than the one that came with `etag` (RFC 9110 section 13.1.2).
 * @param etag undefined: whichever it is.
 * @returns undefined when it is still the same
 * @throws FetchError
 */
export async function fetchIfChanged(
  pool: Dispatcher,
  path: string,
  limits: FetchLimits & { readonly etag: string | undefined },
): Promise<{ readonly document: unknown; readonly etag: string | undefined } | undefined> {
  const { text, etag } = await get(pool, path, limits)
  return text === undefined ? undefined : { document: parsed(text, path), etag }
}

/** The text is missing when the server says that it is the one which came with `etag`. */
interface Got {
  readonly text?: string
  readonly etag?: string | undefined
}

async function get(
  pool: Dispatcher,
  path: string,
  o: FetchLimits & { readonly etag?: string | undefined },
): Promise<Got> {
  const overdue = AbortSignal.timeout(o.timeoutMs)
  const signal = o.signal === undefined ? overdue : AbortSignal.any([overdue, o.signal])
  const condition = o.etag === undefined ? {} : { 'if-none-match': o.etag }
  try {
    const headers = { accept: 'application/json', ...condition }
    const answer = await pool.request({ method: 'GET', path, headers, signal })
    if (answer.statusCode !== 200) {
      await answer.body.dump({ limit: o.maxBytes, signal })
      if (answer.statusCode === 304 && o.etag !== undefined) return {}
      throw new FetchError('bad_status', `${path} answered ${answer.statusCode}`)
    }
    const { etag } = answer.headers
    const text = await readText(answer.body, o.maxBytes, path)
    return { text, etag: typeof etag === 'string' ? etag : undefined }
  } catch (cause) {
    if (cause instanceof FetchError) throw cause
    if (overdue.aborted)
      throw new FetchError('timeout', `${path} took longer than ${o.timeoutMs} ms`, { cause })
    throw new FetchError('unreachable', `${path} could not be fetched`, { cause })
  }
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new FetchError('not_json', `${path} did not answer with JSON`)
  }
}

async function readText(body: AsyncIterable<unknown>, maxBytes: number, path: string): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a body is read as bytes')
    size += chunk.length
    if (size > maxBytes)
      throw new FetchError('too_large', `${path} answered with more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
