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

/**
 * GETs a JSON document.
 * @param o.timeoutMs for the whole of it, connection and body included.
 * @param o.maxBytes of the body.
 * @throws FetchError
 */
export async function fetchJson(
  pool: Dispatcher,
  path: string,
  o: { readonly timeoutMs: number; readonly maxBytes: number },
): Promise<unknown> {
  const signal = AbortSignal.timeout(o.timeoutMs)
  let text: string
  try {
    const answer = await pool.request({
      method: 'GET',
      path,
      headers: { accept: 'application/json' },
      signal,
    })
    if (answer.statusCode !== 200) {
      await answer.body.dump({ limit: o.maxBytes, signal })
      throw new FetchError('bad_status', `${path} answered ${answer.statusCode}`)
    }
    text = await readText(answer.body, o.maxBytes, path)
  } catch (cause) {
    if (cause instanceof FetchError) throw cause
    if (signal.aborted)
      throw new FetchError('timeout', `${path} took longer than ${o.timeoutMs} ms`, { cause })
    throw new FetchError('unreachable', `${path} could not be fetched`, { cause })
  }
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
