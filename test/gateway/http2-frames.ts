import { connect, type TLSSocket } from 'node:tls'

/** RFC 9113 section 6: types of the frames that are written here. */
const types = { data: 0, headers: 1, reset: 3, settings: 4 } as const
const endStream = 1
const endHeaders = 4

/** HTTP/2 written frame by frame: Node's client sends an end before each reset. */
export class Frames {
  readonly socket: TLSSocket
  closed = false

  private constructor(socket: TLSSocket) {
    this.socket = socket
    socket.on('error', () => undefined).on('close', () => (this.closed = true))
    socket.resume()
  }

  static async connect(port: number, ca: Buffer): Promise<Frames> {
    const socket = connect({ host: 'localhost', port, ca, ALPNProtocols: ['h2'] })
    const frames = new Frames(socket)
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    frames.#write(types.settings, 0, 0, Buffer.alloc(0))
    return frames
  }

  /** Fields as they are, without compression (RFC 7541 section 6.2.2). */
  headers(stream: number, fields: Readonly<Record<string, string>>, isEnd: boolean): void {
    const lines = Object.entries(fields).map(([name, value]) =>
      Buffer.concat([Buffer.from([0]), text(name), text(value)]),
    )
    this.#write(types.headers, endHeaders | (isEnd ? endStream : 0), stream, Buffer.concat(lines))
  }

  data(stream: number, bytes: string): void {
    this.#write(types.data, 0, stream, Buffer.from(bytes))
  }

  reset(stream: number, code: number): void {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(code)
    this.#write(types.reset, 0, stream, payload)
  }

  #write(type: number, flags: number, stream: number, payload: Buffer): void {
    const head = Buffer.alloc(9)
    head.writeUIntBE(payload.length, 0, 3)
    head[3] = type
    head[4] = flags
    head.writeUInt32BE(stream, 5)
    if (!this.socket.destroyed) this.socket.write(Buffer.concat([head, payload]))
  }
}

/** RFC 7541 sections 5.1 and 5.2. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const length = [Math.min(bytes.length, 127)]
  if (bytes.length >= 127) {
    let left = bytes.length - 127
    for (; left >= 128; left >>= 7) length.push((left & 127) | 128)
    length.push(left)
  }
  return Buffer.concat([Buffer.from(length), bytes])
}
