const headEnd = Buffer.from('\r\n\r\n')
const contentLength = /\r\ncontent-length: *(\d+)/i

export interface Expectation {
  readonly status: number
  readonly body: Buffer | undefined
  readonly contains: string | undefined
}

/**
 * Reads the answers of one keep-alive connection and compares each with what is expected. Knows only what the
 * contestants send: HTTP/1.1 with a content-length, no pipelining; anything else is a fault of the answer.
 */
export class AnswerReader {
  readonly #expect: Expectation
  readonly #keep: boolean
  #head: Buffer | undefined
  #left = -1
  #offset = 0
  #fault: string | undefined
  #kept = ''

  constructor(expect: Expectation, keepBody: boolean) {
    this.#expect = expect
    this.#keep = keepBody || expect.contains !== undefined
  }

  /** @returns whether the answer is complete; then `fault` and `body` are about it. */
  push(chunk: Buffer): boolean {
    if (this.#left >= 0) return this.#pushBody(chunk)
    const bytes = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk])
    const end = bytes.indexOf(headEnd)
    if (end < 0) {
      this.#head = Buffer.from(bytes)
      return false
    }
    this.#head = undefined
    this.#begin(bytes.toString('latin1', 0, end))
    return this.#pushBody(bytes.subarray(end + 4))
  }

  get fault(): string | undefined {
    return this.#fault
  }

  /** The body of the last answer; kept only where it is looked into, and of wrong answers. */
  get body(): string {
    return this.#kept
  }

  #begin(head: string): void {
    this.#fault = undefined
    this.#kept = ''
    this.#offset = 0
    const length = contentLength.exec(head)?.[1]
    this.#left = length === undefined ? 0 : Number(length)
    const status = Number(head.slice(9, 12))
    if (status !== this.#expect.status) this.#fault = `status ${status}`
    else if (length === undefined) this.#fault = 'no content-length'
    else if (this.#expect.body !== undefined && this.#left !== this.#expect.body.length)
      this.#fault = 'another length'
  }

  #pushBody(chunk: Buffer): boolean {
    if (chunk.length > this.#left) this.#fault = 'more bytes than announced'
    const { body } = this.#expect
    if (body !== undefined && this.#fault === undefined) {
      const same = body.compare(chunk, 0, chunk.length, this.#offset, this.#offset + chunk.length) === 0
      if (!same) this.#fault = 'another body'
    }
    if (this.#keep || this.#fault !== undefined) this.#kept += chunk.toString('latin1')
    this.#offset += chunk.length
    this.#left -= chunk.length
    if (this.#left > 0) return false
    this.#left = -1
    const { contains } = this.#expect
    if (contains !== undefined && this.#fault === undefined && !this.#kept.includes(contains))
      this.#fault = 'another body'
    return true
  }
}
