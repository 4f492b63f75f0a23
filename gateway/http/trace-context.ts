import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** W3C Trace Context, section 3.2.2: version 00, or a later one of which this much is known. */
const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const tracestate = /^[\x20-\x7e]{1,512}$/
const noTrace = '0'.repeat(32)
const noSpan = '0'.repeat(16)

const poolBytes = 4096
const spanDigits = 16
const traceDigits = 32

/** Adds the headers of the trace for the service to a flat list. */
export type AddTrace = (to: string[], given: IncomingHttpHeaders) => void

/**
 * The caller's trace goes on with the gateway as a step of its own, and what is not a valid one is not continued but
 * replaced (section 4.3).
 */
export function tracing(): AddTrace {
  const random = randomDigits()
  return (to, given) => {
    const [, version, trace, span, flags, rest] =
      typeof given.traceparent === 'string' ? (traceparent.exec(given.traceparent) ?? []) : []
    const isValid =
      version !== undefined &&
      version !== 'ff' &&
      (version !== '00' || rest === undefined) &&
      trace !== noTrace &&
      span !== noSpan
    if (!isValid) {
      to.push('traceparent', `00-${random(traceDigits)}-${random(spanDigits)}-01`)
      return
    }
    to.push('traceparent', `00-${trace}-${random(spanDigits)}-${flags}`)
    const state = given['tracestate']
    if (typeof state === 'string' && tracestate.test(state)) to.push('tracestate', state)
  }
}

/** Hexadecimal digits, drawn and written in bulk: each draw is a system call. */
function randomDigits(): (count: number) => string {
  let pool = ''
  let used = 0
  return (count) => {
    if (used + count > pool.length) {
      pool = randomBytes(poolBytes).toString('hex')
      used = 0
    }
    used += count
    return pool.slice(used - count, used)
  }
}
