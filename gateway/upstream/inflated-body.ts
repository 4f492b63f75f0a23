import { Transform, type TransformCallback } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { Problem } from '@gatehouse/kit/errors'

const decoders = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
} as const

/** Whether we can tell how large a body of this `Content-Encoding` is: one coding, and one that we know. */
export function isMeasurable(encoding: string): boolean {
  return Object.hasOwn(decoders, encoding.toLowerCase())
}

/**
 * A coded body, passed on as it is. It is unpacked beside that and only measured: each piece goes on once what came out of
 * it is counted, so that a service never gets the piece with which the whole grows too large.
 */
export class InflatedBody extends Transform {
  readonly #decoder: Transform
  #left: number

  /** @param encoding for which `isMeasurable` says yes; @param maxBytes after unpacking. */
  constructor(encoding: string, maxBytes: number) {
    super()
    this.#left = maxBytes
    const create = Object.entries(decoders).find(([name]) => name === encoding.toLowerCase())?.[1]
    if (create === undefined) throw new TypeError('a coding that cannot be measured')
    this.#decoder = create()
    this.#decoder.on('data', (chunk: Buffer) => this.#count(chunk))
    this.#decoder.on('error', (cause) => this.destroy(unreadable(cause)))
    // It reads no further than the end of what is coded; what comes after that would not be measured.
    this.#decoder.on('end', () => this.destroy(unreadable(new Error('more than one coded text'))))
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#decoder.write(chunk, () => {
      if (!this.destroyed) done(null, chunk)
    })
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#decoder.destroy()
    done(error)
  }

  #count(chunk: Buffer): void {
    this.#left -= chunk.length
    if (this.#left < 0) this.destroy(new Problem('body_too_large'))
  }
}

function unreadable(cause: Error): Problem {
  return new Problem('invalid_request', { detail: 'The body is not what Content-Encoding says.', cause })
}
