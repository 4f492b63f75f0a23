import type { ServerResponse } from 'node:http'
import type { Problem } from '@gatehouse/kit/errors'

/** How long a caller may take to read why its stream ends. */
const lingerMs = 1_000

/** Name of the last event of a stream that the gateway ends, with `{"code":…}` as data. */
const lastEvent = 'gatehouse-closed'

/**
 * Server-sent events on their way to a caller. An event may be put in where the service's last one is complete; elsewhere
 * the stream can only be cut.
 */
export class EventStream {
  readonly #response: ServerResponse
  #tail = '\n\n'

  private constructor(response: ServerResponse) {
    this.#response = response
  }

  /** @param headers of the answer, flat, lower-case; undefined when it is anything else, or compressed. */
  static of(response: ServerResponse, headers: readonly string[]): EventStream | undefined {
    const valueOf = (name: string): string | undefined => {
      const at = headers.findIndex((text, index) => index % 2 === 0 && text === name)
      return at < 0 ? undefined : headers[at + 1]
    }
    const isReadable = (valueOf('content-encoding') ?? 'identity') === 'identity'
    const isEvents = /^text\/event-stream\s*(?:;|$)/i.test(valueOf('content-type') ?? '')
    return isReadable && isEvents && valueOf('content-length') === undefined
      ? new EventStream(response)
      : undefined
  }

  follow(chunk: Buffer): void {
    this.#tail = (this.#tail + chunk.subarray(-4).toString('latin1')).slice(-4)
  }

  /** Says why, where that is possible, and cuts the connection, so that it does not look as if all had been said. */
  cut({ code }: Problem): void {
    const response = this.#response
    if (!/(?:\n\n|\r\r|\r\n\r\n)$/.test(this.#tail)) return void response.destroy()
    const late = setTimeout(() => response.destroy(), lingerMs).unref()
    response.write(`event: ${lastEvent}\ndata: ${JSON.stringify({ code })}\n\n`, () => {
      clearTimeout(late)
      response.destroy()
    })
  }
}
