import type { TLSSocket } from 'node:tls'
import type { Rig } from './rig.ts'

/** The beginning of an answer that could be good. */
export const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n'

/** A service that answers each request on a connection with these bytes, and then does something to the socket. */
export function says(rig: Rig, bytes: string, then: (socket: TLSSocket) => void = () => {}): void {
  rig.services.orders.raw = (socket) => {
    socket.on('data', () => {
      socket.write(bytes, () => then(socket))
    })
  }
}

/** A service that sends these bytes, and then for ever more of what it is told to, a bit at a time. */
export function goesOn(rig: Rig, bytes: string, more: string, everyMs: number): void {
  rig.services.orders.raw = (socket) => {
    socket.once('data', () => {
      socket.write(bytes)
      const drip = setInterval(() => socket.write(more), everyMs)
      socket.once('close', () => clearInterval(drip))
    })
  }
}

/** Answers that no caller may see anything of. */
export const unusable: Readonly<Record<string, string>> = {
  'not HTTP': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
  'a wrong version': 'HTTP/9.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  'two lengths': `${head}content-length: 5\r\ncontent-length: 7\r\n\r\nhello`,
  'a length and chunks': `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a length that is none': `${head}content-length: five\r\n\r\nhello`,
  'a header with a line end in it': `${head}x-a: b\r\r\n c: d\r\n\r\n`,
  'an endless header': `${head}x-a: ${'a'.repeat(40_000)}`,
  'endless header lines': `${head}${'x-a: aaaaaaaaaaaaaaaa\r\n'.repeat(2000)}`,
  'a protocol that nobody asked for':
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
  'a status beyond all': 'HTTP/1.1 799 Odd\r\ncontent-length: 0\r\n\r\n',
  'a body whose end only the connection tells': `${head}connection: close\r\n\r\nhello`,
}

const last = `${head}connection: close\r\n`

/** Answers that have begun well and do not come to their end. */
export const broken: Readonly<Record<string, string>> = {
  'fewer bytes than stated': `${head}content-length: 50\r\n\r\nhello`,
  'chunks without an end': `${head}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`,
  'a chunk that is cut': `${head}transfer-encoding: chunked\r\n\r\n50\r\nhello`,
  'a chunk that is none': `${head}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n`,
  'fewer bytes than stated, the last of its connection': `${last}content-length: 50\r\n\r\nhello`,
  'chunks without an end, the last of their connection': `${last}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`,
  'a chunk that is cut, the last of its connection': `${last}transfer-encoding: chunked\r\n\r\n50\r\nhello`,
}

/** Answers of which nothing but the head comes. */
export const bareHeads: Readonly<Record<string, string>> = {
  'a length and no bytes': `${head}content-length: 50\r\n\r\n`,
  'chunks announced and none sent': `${head}transfer-encoding: chunked\r\n\r\n`,
  'the size of a chunk and no chunk': `${head}transfer-encoding: chunked\r\n\r\n5`,
}
