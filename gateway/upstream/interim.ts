import type { ServerResponse } from 'node:http'

/** More of them than any service sends for a reason; each one would put the head of the answer off. */
const mostInterim = 20

/** The answers before the answer (RFC 9110 section 15.2): passed on where the caller may get them, and counted. */
export class Interim {
  #seen = 0

  /** @returns whether there have been too many. */
  pass(response: ServerResponse, status: number, raw: readonly Buffer[]): boolean {
    this.#seen++
    // HTTP/1.0 does not know them; the gateway answers an expectation (100) itself.
    if (response.req.httpVersion !== '1.0' && !response.headersSent) {
      if (status === 102) response.writeProcessing()
      if (status === 103) hint(response, raw)
    }
    return this.#seen > mostInterim
  }
}

function hint(response: ServerResponse, raw: readonly Buffer[]): void {
  const links: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toString('latin1').toLowerCase() === 'link')
      links.push(raw[at + 1]?.toString('latin1') ?? '')
  }
  try {
    if (links.length > 0) response.writeEarlyHints({ link: links })
  } catch {
    // Node refuses a link that it cannot read. It was a hint: the answer itself is still to come.
  }
}
