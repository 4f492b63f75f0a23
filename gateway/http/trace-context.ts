import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** W3C Trace Context, section 3.2.2: version 00, or a later one of which this much is known. */
const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const tracestate = /^[\x20-\x7e]{1,512}$/
const noTrace = '0'.repeat(32)
const noSpan = '0'.repeat(16)

/**
 * The headers of the trace for the service, flat: the caller's trace goes on with the gateway as a step of its own, and
 * what is not a valid one is not continued but replaced (section 4.3).
 */
export function traceHeaders(headers: IncomingHttpHeaders): readonly string[] {
  const given = typeof headers.traceparent === 'string' ? traceparent.exec(headers.traceparent) : null
  const [, version, trace, span, flags, rest] = given ?? []
  const isValid =
    version !== undefined &&
    version !== 'ff' &&
    (version !== '00' || rest === undefined) &&
    trace !== noTrace &&
    span !== noSpan
  if (!isValid) return ['traceparent', `00-${random()}-${newSpan()}-01`]
  const next = ['traceparent', `00-${trace}-${newSpan()}-${flags}`]
  const state = headers['tracestate']
  return typeof state === 'string' && tracestate.test(state) ? [...next, 'tracestate', state] : next
}

/** 32 hexadecimal digits: Node draws the bytes of many UUIDs at a time. */
function random(): string {
  return randomUUID().replaceAll('-', '')
}

function newSpan(): string {
  return random().slice(16)
}
