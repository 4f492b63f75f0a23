import { readFileSync } from 'node:fs'
import http2, { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2'
import type { Test } from 'tap'
import { startRig, type Rig } from './rig.ts'

/** For a door that speaks HTTP/2. */
export const tls = `
gateway:
  origin: https://localhost:\${port:0}
  tls: { cert: '\${data}/certs/gateway.pem', key: '\${data}/certs/gateway.key' }
`

export interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** How the stream ended: 0 for a whole answer. */
  readonly reset: number
}

export interface Http2Rig {
  readonly rig: Rig
  readonly session: ClientHttp2Session
  readonly ca: Buffer
}

/** A gateway that speaks HTTP/2, and one connection to it. */
export async function rigWith(
  t: Test,
  more = '',
): Promise<{ rig: Rig; session: ClientHttp2Session; ca: Buffer }> {
  const rig = await startRig(t, { config: tls + more })
  const ca = readFileSync(`${rig.paths.certs}/ca.pem`)
  const session = http2.connect(`https://localhost:${rig.port}`, { ca })
  session.on('error', () => undefined)
  t.teardown(() => session.destroy())
  return { rig, session, ca }
}

export function open(
  rig: Rig,
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  endStream = true,
): ClientHttp2Stream {
  const all = { ':path': '/api/orders', authorization: `Bearer ${rig.issuer.token()}`, ...headers }
  const stream = session.request(all, { endStream })
  stream.on('error', () => undefined)
  return stream
}

export async function answerOf(stream: ClientHttp2Stream): Promise<Got> {
  let headers: Readonly<Record<string, unknown>> = {}
  const chunks: Buffer[] = []
  stream.on('response', (got) => (headers = got))
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve) => stream.once('close', resolve))
  return {
    status: Number(headers[':status']),
    headers,
    text: Buffer.concat(chunks).toString(),
    reset: stream.rstCode ?? 0,
  }
}

export const ask = (rig: Rig, session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}) =>
  answerOf(open(rig, session, headers))
