import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Problem } from '@gatehouse/kit/errors'
import type { Dispatcher } from 'undici'
import type { ForwardEnd, Forwarding } from './forwarder.ts'
import { upstreamProblem } from './failure.ts'
import { answerHead } from './response-headers.ts'
import type { Target } from './upstream.ts'

type Phase = 'waiting' | 'answering' | 'over'

/**
 * One request to a service and its answer, as undici's dispatch handler. It writes straight to the caller's
 * response; the older names of the handler's methods are what undici 7 calls itself, the newer ones go through an
 * adapter that decodes every header (performance.md: the proxy library is the largest cost).
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #forwarding: Forwarding
  readonly #target: Target
  readonly #deadline: NodeJS.Timeout
  /** Kept, because undici takes the socket away from a request whose body it gives up. */
  readonly #caller: Socket
  #phase: Phase = 'waiting'
  #abort: ((error: Error) => void) | undefined
  #resume: (() => void) | undefined
  #status = 0
  #length: number | undefined
  #bytes = 0

  constructor(forwarding: Forwarding, target: Target) {
    this.#forwarding = forwarding
    this.#target = target
    this.#caller = forwarding.request.socket
    target.inFlight++
    this.#deadline = setTimeout(() => this.#fail(new Problem('gateway_timeout')), forwarding.timeoutMs)
    forwarding.response.once('close', () => this.#callerLeft())
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.#phase === 'over') abort(new Problem('upstream_unavailable'))
    else this.#abort = abort
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    // Interim answers (RFC 9110 section 15.2) are between the service and us.
    if (status < 200 || this.#phase !== 'waiting') return true
    const { response, request, method, responseHeaders, ownHeaders } = this.#forwarding
    const head = answerHead(raw, responseHeaders, ownHeaders)
    if (status > 599 || !(head.framed || isBodiless(method, status))) {
      this.#fail(new Problem('bad_gateway', { cause: new Error('the answer has no end that can be told') }))
      return false
    }
    this.#phase = 'answering'
    this.#status = status
    this.#length = isBodiless(method, status) ? undefined : head.length
    if (isLastOfConnection(request)) head.headers.push('connection', 'close')
    this.#resume = resume
    response.writeHead(status, head.headers)
    return true
  }

  onData(chunk: Buffer): boolean {
    if (this.#phase !== 'answering') return false
    const { response } = this.#forwarding
    this.#bytes += chunk.length
    if (this.#bytes !== this.#length) return response.write(chunk) || this.#waitForCaller()
    // One write for the last bytes and the end is worth a tenth of the throughput (performance.md).
    response.end(chunk)
    this.#end({ kind: 'answered', status: this.#status, bytes: this.#bytes })
    return true
  }

  #waitForCaller(): false {
    if (this.#resume !== undefined) this.#forwarding.response.once('drain', this.#resume)
    return false
  }

  onComplete(): void {
    if (this.#phase !== 'answering') return
    this.#forwarding.response.end()
    this.#end({ kind: 'answered', status: this.#status, bytes: this.#bytes })
  }

  onError(error: Error): void {
    this.#fail(error)
  }

  #fail(error: Error): void {
    if (this.#phase === 'over') return
    // The caller's reset arrives as an error of the request body before the response says that it is closed.
    if (this.#caller.destroyed) return this.#callerLeft()
    const problem = upstreamProblem(error)
    if (this.#phase === 'waiting') {
      this.#end({ kind: 'refused', problem })
    } else {
      this.#forwarding.response.destroy()
      this.#end({ kind: 'cut', status: this.#status, bytes: this.#bytes, problem })
    }
    this.#abort?.(problem)
  }

  #callerLeft(): void {
    if (this.#phase === 'over') return
    this.#end({ kind: 'abandoned', status: this.#status, bytes: this.#bytes })
    this.#abort?.(new Error('the caller went away'))
  }

  #end(end: ForwardEnd): void {
    this.#phase = 'over'
    clearTimeout(this.#deadline)
    this.#target.inFlight--
    this.#forwarding.ended(end)
  }
}

/**
 * Whether nothing more can be read from the caller's connection: what is left of this request would be taken for the
 * next one, and what follows an upgrade that was not made is lost in the parser.
 */
function isLastOfConnection(request: IncomingMessage): boolean {
  return !request.complete || request.headers.upgrade !== undefined
}

/** RFC 9110 section 6.4.1: answers that never have content, whatever their headers say. */
function isBodiless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304
}
