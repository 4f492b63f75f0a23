import type { IncomingMessage } from 'node:http'

/** What the one log line of a request says beside status and time. */
export interface RequestNote {
  client_id?: string | undefined
  sub?: string | undefined
  oauth_error?: string | undefined
  /** The library's reason, which the client is not told. */
  reason?: string | undefined
}

/** Collects what is learned about a request on its way, for the log. */
export class RequestNotes {
  readonly #notes = new WeakMap<IncomingMessage, RequestNote>()

  add(request: IncomingMessage, note: RequestNote): void {
    this.#notes.set(request, { ...this.#notes.get(request), ...note })
  }

  of(request: IncomingMessage): RequestNote {
    return this.#notes.get(request) ?? {}
  }
}
