import type { IncomingMessage } from 'node:http'
import { Problem } from '@gatehouse/kit/errors'
import { acceptOf } from '@gatehouse/kit/http/websocket-accept'

const keyShape = /^[A-Za-z0-9+/]{22}==$/

/** What of the handshake the service gets besides the route's headers. */
const passedOn = ['sec-websocket-extensions', 'sec-websocket-protocol'] as const

/** Whether a request that wants another protocol wants this one, and wants it rightly (RFC 6455 section 4.2.1). */
export function handshakeFault(request: IncomingMessage, head: Buffer): Problem | undefined {
  const { headers } = request
  if (headers.upgrade?.toLowerCase() !== 'websocket')
    return fault('The only other protocol spoken here is websocket.')
  if (request.method !== 'GET' || request.httpVersion !== '1.1')
    return fault('A WebSocket is opened with GET.')
  if (headers['sec-websocket-version'] !== '13') {
    return fault('The version of WebSocket is 13.', { 'sec-websocket-version': '13' })
  }
  if (!keyShape.test(headers['sec-websocket-key'] ?? '')) return fault('Sec-WebSocket-Key is not 16 bytes.')
  // Whoever sends more before the answer does not speak WebSocket, but hides a request behind one.
  const hasMore =
    head.length > 0 ||
    headers['transfer-encoding'] !== undefined ||
    (headers['content-length'] ?? '0') !== '0'
  return hasMore ? fault('Nothing may follow the request before its answer.') : undefined
}

function fault(detail: string, headers: Readonly<Record<string, string>> = {}): Problem {
  return new Problem('invalid_request', { detail, headers })
}

/** The headers of the handshake for the service, flat. */
export function handshakeHeaders({ headers }: IncomingMessage): string[] {
  const flat = ['sec-websocket-version', '13', 'sec-websocket-key', headers['sec-websocket-key'] ?? '']
  for (const name of passedOn) {
    const value = headers[name]
    if (typeof value === 'string') flat.push(name, value)
  }
  return flat
}

/**
 * The answer that opens the WebSocket, as text for the caller's socket.
 * @param raw the service's headers: name, value, name, value.
 * @returns undefined when the service did not answer this handshake, but something else.
 */
export function switchingProtocols(
  request: IncomingMessage,
  raw: readonly (Buffer | string)[],
  ownHeaders: readonly string[],
): string | undefined {
  const found = new Map<string, string>()
  for (let at = 0; at + 1 < raw.length; at += 2) found.set(textOf(raw[at]).toLowerCase(), textOf(raw[at + 1]))
  const accept = acceptOf(request.headers['sec-websocket-key'] ?? '')
  if (found.get('sec-websocket-accept') !== accept) return undefined
  const lines = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: Upgrade']
  lines.push(`sec-websocket-accept: ${accept}`)
  for (const name of passedOn) {
    const value = found.get(name)
    if (value !== undefined) lines.push(`${name}: ${value}`)
  }
  for (let at = 0; at + 1 < ownHeaders.length; at += 2) lines.push(`${ownHeaders[at]}: ${ownHeaders[at + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

function textOf(value: Buffer | string | undefined): string {
  return typeof value === 'string' ? value : (value?.toString('latin1') ?? '')
}
