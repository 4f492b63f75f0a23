import { connect, type TLSSocket } from 'node:tls'

/** RFC 9113 section 6: types of the frames that are written here. */
const types = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const
const endStream = 1
const endHeaders = 4

interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** HTTP/2 written frame by frame: Node's client sends an end before each reset. */
export class Frames {
  readonly socket: TLSSocket
  /** What the other side has sent. */
  readonly got: Frame[] = []
  closed = false
  #rest: Buffer = Buffer.alloc(0)

  private constructor(socket: TLSSocket) {
    this.socket = socket
    socket.on('error', () => undefined).on('close', () => (this.closed = true))
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
  }

  /** @param settings of ours, by number (RFC 9113 section 6.5.2) */
  static async connect(
    port: number,
    ca: Buffer,
    settings: readonly (readonly [number, number])[] = [],
  ): Promise<Frames> {
    const socket = connect({ host: 'localhost', port, ca, ALPNProtocols: ['h2'] })
    const frames = new Frames(socket)
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    frames.settings(settings)
    return frames
  }

  settings(values: readonly (readonly [number, number])[] = [], times = 1): void {
    const payload = Buffer.concat(values.map(([name, value]) => setting(name, value)))
    this.#send(Buffer.concat(Array.from({ length: times }, () => frame(types.settings, 0, 0, payload))))
  }

  ping(times = 1): void {
    this.#send(Buffer.concat(Array.from({ length: times }, () => frame(types.ping, 0, 0, Buffer.alloc(8)))))
  }

  /** The beginning of a request whose header lines go on in CONTINUATION frames. */
  openHeaders(stream: number, fields: Readonly<Record<string, string>>): void {
    this.#write(types.headers, endStream, stream, block(fields))
  }

  continuation(stream: number, fields: Readonly<Record<string, string>>, isLast = false): void {
    this.#write(types.continuation, isLast ? endHeaders : 0, stream, block(fields))
  }

  /** Lets the other side send so much more; on stream 0 for all together. */
  window(stream: number, bytes: number): void {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(bytes)
    this.#write(types.windowUpdate, 0, stream, payload)
  }

  /** Whether the other side has said all on this stream. */
  hasEnded(stream: number): boolean {
    return this.got.some((one) => one.stream === stream && (one.flags & endStream) !== 0)
  }

  /** Why the other side closes the connection: the code of its GOAWAY. */
  get goAway(): number | undefined {
    return this.got.find(({ type }) => type === types.goAway)?.payload.readUInt32BE(4)
  }

  /** The code that a stream was reset with. */
  resetOf(stream: number): number | undefined {
    return this.got.find((one) => one.type === types.reset && one.stream === stream)?.payload.readUInt32BE(0)
  }

  /** A whole request's head. */
  headers(stream: number, fields: Readonly<Record<string, string>>, isEnd: boolean): void {
    this.#write(types.headers, endHeaders | (isEnd ? endStream : 0), stream, block(fields))
  }

  data(stream: number, bytes: string): void {
    this.#write(types.data, 0, stream, Buffer.from(bytes))
  }

  reset(stream: number, code: number): void {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(code)
    this.#write(types.reset, 0, stream, payload)
  }

  #read(bytes: Buffer): void {
    let rest = Buffer.concat([this.#rest, bytes])
    while (rest.length >= 9) {
      const end = 9 + rest.readUIntBE(0, 3)
      if (rest.length < end) break
      const [type = 0, flags = 0] = rest.subarray(3)
      this.got.push({ type, flags, stream: rest.readUInt32BE(5), payload: rest.subarray(9, end) })
      rest = rest.subarray(end)
    }
    this.#rest = rest
  }

  #write(type: number, flags: number, stream: number, payload: Buffer): void {
    this.#send(frame(type, flags, stream, payload))
  }

  #send(bytes: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Lines without compression (RFC 7541 section 6.2.2). */
function block(fields: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(fields).map(([name, value]) =>
    Buffer.concat([Buffer.from([0]), text(name), text(value)]),
  )
  return Buffer.concat(lines)
}

function setting(name: number, value: number): Buffer {
  const bytes = Buffer.alloc(6)
  bytes.writeUInt16BE(name)
  bytes.writeUInt32BE(value, 2)
  return bytes
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
