/** RFC 6455 section 5.2: opcodes of the frames that the gateway writes itself. */
const close = 0x8
const ping = 0x9
const final = 0x80

/** Two bytes, an extended length of up to eight, a mask of four. */
const longestHead = 14

/**
 * Follows a stream of frames just closely enough to know where one ends: only there may a frame of our own be put in
 * (RFC 6455 section 5.4). Payload is skipped, not looked at.
 */
export class FrameBoundaries {
  readonly #head = Buffer.alloc(longestHead)
  #have = 0
  #payloadLeft = 0

  get isBetweenFrames(): boolean {
    return this.#have === 0 && this.#payloadLeft === 0
  }

  /**
   * @param stopAtEnd stop after the first frame that ends in the chunk.
   * @returns how many bytes were followed.
   */
  follow(chunk: Buffer, stopAtEnd = false): number {
    let at = 0
    while (at < chunk.length) {
      at += this.#payloadLeft > 0 ? this.#skip(chunk.length - at) : this.#readHead(chunk[at] ?? 0)
      if (stopAtEnd && this.isBetweenFrames) return at
    }
    return at
  }

  #skip(available: number): number {
    const skipped = Math.min(available, this.#payloadLeft)
    this.#payloadLeft -= skipped
    return skipped
  }

  #readHead(byte: number): 1 {
    this.#head[this.#have++] = byte
    if (this.#have >= 2 && this.#have === this.#headLength()) {
      this.#payloadLeft = this.#payloadLength()
      this.#have = 0
    }
    return 1
  }

  #headLength(): number {
    const second = this.#head[1] ?? 0
    const short = second & 0x7f
    return 2 + (short === 127 ? 8 : short === 126 ? 2 : 0) + (second >= 0x80 ? 4 : 0)
  }

  #payloadLength(): number {
    const short = (this.#head[1] ?? 0) & 0x7f
    if (short < 126) return short
    return short === 126 ? this.#head.readUInt16BE(2) : Number(this.#head.readBigUInt64BE(2))
  }
}

/** A close frame of a server (RFC 6455 section 5.5.1): not masked. */
export function closeFrame(code: number): Buffer {
  return Buffer.from([final | close, 2, code >> 8, code & 0xff])
}

/** A ping of a server, without content. */
export const pingFrame: Buffer = Buffer.from([final | ping, 0])
