import { readFileSync, writeFileSync } from 'node:fs'

/** Requests ready to be written to a socket, one after the other in one buffer. */
export class Requests {
  readonly #bytes: Buffer
  readonly #ends: Uint32Array

  constructor(bytes: Buffer, ends: Uint32Array) {
    this.#bytes = bytes
    this.#ends = ends
  }

  static read(file: string): Requests {
    const ends = readFileSync(`${file}.ends`)
    return new Requests(
      readFileSync(file),
      new Uint32Array(ends.buffer, ends.byteOffset, ends.byteLength / 4),
    )
  }

  get count(): number {
    return this.#ends.length
  }

  at(index: number): Buffer {
    const i = index % this.#ends.length
    return this.#bytes.subarray(i === 0 ? 0 : this.#ends[i - 1], this.#ends[i])
  }
}

/** Writes the requests with an index beside them, so that the load process starts without parsing. */
export function writeRequests(file: string, requests: Iterable<string>): string {
  const parts: Buffer[] = []
  const ends: number[] = []
  let end = 0
  for (const request of requests) {
    const bytes = Buffer.from(request, 'latin1')
    end += bytes.length
    parts.push(bytes)
    ends.push(end)
  }
  writeFileSync(file, Buffer.concat(parts))
  writeFileSync(`${file}.ends`, Buffer.from(Uint32Array.from(ends).buffer))
  return file
}

export interface RequestParts {
  readonly method?: string
  readonly path: string
  readonly host: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One HTTP/1.1 request as it goes over the wire. */
export function requestText(parts: RequestParts): string {
  const headers = { host: parts.host, accept: '*/*', ...parts.headers }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  if (parts.body !== undefined) lines.push(`content-length: ${Buffer.byteLength(parts.body)}\r\n`)
  return `${parts.method ?? 'GET'} ${parts.path} HTTP/1.1\r\n${lines.join('')}\r\n${parts.body ?? ''}`
}
