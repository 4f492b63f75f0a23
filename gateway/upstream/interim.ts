import type { Forwarding } from './forwarder.ts'
import { relocateLinks } from './response-headers.ts'

type To = Pick<Forwarding, 'relocate' | 'response'>

/** More of them than any service sends for a reason; each one would put the head of the answer off. */
const mostInterim = 20

/** The answers before the answer (RFC 9110 section 15.2): passed on where the caller may get them, and counted. */
export class Interim {
  #seen = 0

  /** @returns whether there have been too many. */
  pass(to: To, status: number, raw: readonly Buffer[]): boolean {
    const { response } = to
    this.#seen++
    // HTTP/1.0 does not know them; the gateway answers an expectation (100) itself.
    if (response.req.httpVersion !== '1.0' && !response.headersSent) {
      if (status === 102) response.writeProcessing()
      if (status === 103) hint(to, raw)
    }
    return this.#seen > mostInterim
  }
}

function hint({ response, relocate }: To, raw: readonly Buffer[]): void {
  const links: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toString('latin1').toLowerCase() !== 'link') continue
    const link = raw[at + 1]?.toString('latin1') ?? ''
    links.push(relocate === undefined ? link : relocateLinks(link, relocate))
  }
  try {
    if (links.length > 0) response.writeEarlyHints({ link: links })
  } catch {
    // Node refuses a link that it cannot read. It was a hint: the answer itself is still to come.
  }
}
