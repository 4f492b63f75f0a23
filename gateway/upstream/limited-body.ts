import { Transform, type TransformCallback } from 'node:stream'
import { Problem } from '@gatehouse/kit/errors'

/** A body of unstated length, passed on until it grows too large. */
export class LimitedBody extends Transform {
  #left: number

  constructor(maxBytes: number) {
    super()
    this.#left = maxBytes
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#left -= chunk.length
    if (this.#left < 0) done(new Problem('body_too_large'))
    else done(null, chunk)
  }
}
