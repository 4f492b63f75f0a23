import { createHash } from 'node:crypto'

/** RFC 6455 section 1.3. */
const handshakeSalt = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** What answers the `Sec-WebSocket-Key` of a handshake (RFC 6455 section 4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + handshakeSalt)
    .digest('base64')
}
