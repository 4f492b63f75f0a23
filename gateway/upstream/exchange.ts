import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Problem } from '@gatehouse/kit/errors'
import { asStream } from '@gatehouse/kit/http/direct-reads'
import type { Dispatcher } from 'undici'
import { outlast } from './outlast.ts'
import { bodyOf } from './body.ts'
import type { Deadline, Deadlines } from './deadlines.ts'
import { EventStream } from './event-stream.ts'
import type { ForwardEnd, Forwarding, Ongoing } from './forwarder.ts'
import { upstreamProblem } from './failure.ts'
import { Interim } from './interim.ts'
import { isRepeatable } from './repeatable.ts'
import { answerHead, isBodiless, writeHead } from './response-headers.ts'
import { canaryWish } from './target-set.ts'
import type { Outcome, Sending, Target } from './target.ts'

/** `headed`: the service's head is there, and none of its body. Nothing of it has gone to the caller. */
type Phase = 'waiting' | 'headed' | 'answering' | 'over'

/** Longest wait before a request is repeated; drawn, so that what failed together does not come back together. */
const jitterMs = 25
/** Up to here, copying is cheaper than a write of two pieces. */
const shortBytes = 4_096

/**
 * One request to a service and its answer, as undici's dispatch handler. It writes straight to the caller's
 * response; the older names of the handler's methods are what undici 7 calls itself, the newer ones go through an
 * adapter that decodes every header (performance.md: the proxy library is the largest cost).
 */
export class Exchange implements Dispatcher.DispatchHandler, Ongoing {
  readonly #forwarding: Forwarding
  readonly #options: Sending
  /** Kept, because undici takes the socket away from a request whose body it gives up. */
  readonly #caller: Socket
  readonly #deadlines: Deadlines
  readonly #deadline: Deadline | undefined
  /** Runs while the head of the answer is waited for. undici's own is late by up to a second. */
  #headDeadline: Deadline | undefined
  #phase: Phase = 'waiting'
  #giveUpWaiting: (() => void) | undefined
  #hasTurn = false
  /** Where it is now; undefined between attempts. */
  #target: Target | undefined
  #attempts = 0
  /** Whether a byte of the present attempt may have reached the service. */
  #wasSent = false
  #abort: ((error: Error) => void) | undefined
  #resume: (() => void) | undefined
  #interim: Interim | undefined
  #status = 0
  #head: string[] = []
  #length: number | undefined
  /** Whether and where the caller can be told why its stream ends. */
  #events: EventStream | undefined
  #bytes = 0

  constructor(forwarding: Forwarding, deadlines: Deadlines) {
    const { request, response, method, path, headers, timing, upgraded } = forwarding
    this.#forwarding = forwarding
    this.#deadlines = deadlines
    this.#caller = request.socket
    this.#options = {
      method,
      path,
      headers,
      body: forwarding.body ?? bodyOf(request, forwarding.bodyBytes, forwarding.inflatedBytes),
      bodyTimeout: timing.idleMs,
      upgrade: upgraded === undefined ? null : 'websocket',
    }
    if (timing.totalMs > 0) this.#deadline = deadlines.after(timing.totalMs, () => this.#late())
    outlast(request, Math.max(timing.totalMs, timing.firstByteMs, timing.idleMs))
    response.on('close', () => this.#callerLeft())
  }

  begin(): void {
    this.#giveUpWaiting = this.#forwarding.upstream.enter(
      () => this.#takeTurn(),
      (problem) => this.#fail(problem),
    )
  }

  get isOver(): boolean {
    return this.#phase === 'over'
  }

  end(problem: Problem): void {
    this.#fail(problem, 'void', () => {
      if (this.#events === undefined) this.#forwarding.response.destroy()
      else this.#events.cut(problem)
    })
  }

  #takeTurn(): void {
    if (this.#phase === 'over') return this.#forwarding.upstream.leave()
    this.#giveUpWaiting = undefined
    this.#hasTurn = true
    this.#attempt(undefined)
  }

  #attempt(not: Target | undefined): void {
    const { upstream, key, request } = this.#forwarding
    const refusal = upstream.admit()
    if (refusal !== undefined) return this.#fail(refusal)
    const header = upstream.config.canaryHeader
    const canary = header === undefined ? undefined : canaryWish(request.headers[header])
    const target = upstream.pick({ key, canary, not })
    target.begin()
    this.#target = target
    this.#wasSent = false
    target.dispatch(this.#options, this)
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.#phase === 'over') return abort(new Problem('upstream_unavailable'))
    this.#abort = abort
    this.#wasSent = true
  }

  /** The body included: from here on it is the service that is waited for. */
  onRequestSent(): void {
    const { firstByteMs } = this.#forwarding.timing
    if (firstByteMs > 0 && this.#phase === 'waiting') {
      // A WebSocket may be asked for once more, by HTTP/1.1.
      this.#headDeadline?.cancel()
      this.#headDeadline = this.#deadlines.after(firstByteMs, () => this.#late())
    }
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    if (this.#phase !== 'waiting') return true
    if (status < 200) return this.#passInterim(status, raw)
    const { method, timing } = this.#forwarding
    const head = answerHead(status, raw, this.#forwarding)
    const hasBody = !isBodiless(method, status)
    if (status > 599 || (hasBody && !head.framed)) {
      this.#fail(new Problem('bad_gateway', { cause: new Error('the answer has no end that can be told') }))
      return false
    }
    this.#phase = 'headed'
    this.#headDeadline?.cancel()
    this.#status = status
    this.#head = head.headers
    this.#length = head.length
    this.#resume = resume
    if (!hasBody) this.#finishBodiless(method, head.length ?? 0)
    else if (timing.totalMs === 0) this.#beginStream()
    return true
  }

  /**
   * Writes the head, if that was not done. It waits for the first bytes of the body, as Node would have it wait: so a
   * service that breaks off before them is a 502, not a connection that closes without a word, after which clients
   * repeat what they sent.
   */
  #begin(): boolean {
    if (this.#phase !== 'headed') return this.#phase === 'answering'
    const refusal = writeHead(this.#forwarding, this.#status, this.#head)
    if (refusal !== undefined) this.#fail(new Problem('bad_gateway', { cause: refusal }))
    else this.#phase = 'answering'
    return refusal === undefined
  }

  /** It may not have a body for long, so its head does not wait for one. */
  #beginStream(): void {
    if (!this.#begin()) return
    this.#forwarding.upstream.streams()
    this.#forwarding.response.flushHeaders()
    this.#events = EventStream.of(this.#forwarding.response, this.#head)
  }

  #finishBodiless(method: string, statedLength: number): void {
    if (!this.#begin()) return
    this.#forwarding.response.end()
    this.#answered()
    // For the length that a 304 may state (RFC 9110 section 8.6) undici would go on to wait, and its connection with it.
    if (method !== 'HEAD' && statedLength > 0) this.#abort?.(new Error('there is no body to come'))
  }

  onData(chunk: Buffer): boolean {
    if (!this.#begin()) return false
    const { response } = this.#forwarding
    this.#bytes += chunk.length
    this.#events?.follow(chunk)
    if (this.#bytes !== this.#length) return response.write(chunk) || this.#waitForCaller()
    // One write for the last bytes and the end is worth a tenth of the throughput (performance.md), and a short text
    // leaves in one piece with the head: latin1 is the encoding that turns bytes into themselves.
    if (chunk.length <= shortBytes) response.end(chunk.toString('latin1'), 'latin1')
    else response.end(chunk)
    this.#answered()
    return true
  }

  #waitForCaller(): false {
    if (this.#resume !== undefined) this.#forwarding.response.once('drain', this.#resume)
    return false
  }

  onUpgrade(_status: number, raw: Buffer[] | string[] | null, socket: Duplex): void {
    const { upgraded } = this.#forwarding
    if (this.#phase !== 'waiting' || upgraded === undefined) return void socket.destroy()
    const problem = upgraded(asStream(socket), raw ?? [])
    if (problem === undefined) return this.#end({ kind: 'answered', status: 101, bytes: 0 }, 'ok')
    socket.destroy()
    this.#fail(problem)
  }

  onComplete(): void {
    if (!this.#begin()) return
    this.#forwarding.response.end()
    this.#answered()
  }

  onError(error: Error): void {
    if (this.#phase === 'waiting' && !this.#caller.destroyed && this.#mayRepeat(error)) this.#repeat()
    else this.#fail(error)
  }

  #mayRepeat(error: Error): boolean {
    if (upstreamProblem(error).status < 500) return false
    const { method, upstream } = this.#forwarding
    const sent = { wasSent: this.#wasSent, method, hasBody: this.#options.body !== null }
    return isRepeatable(error, sent) && upstream.mayRepeat(this.#attempts + 1)
  }

  #repeat(): void {
    const failed = this.#target
    this.#headDeadline?.cancel()
    this.#settle('failed')
    this.#attempts++
    const again = (): void => {
      if (this.#phase !== 'over') this.#attempt(failed)
    }
    setTimeout(again, Math.random() * jitterMs)
  }

  #passInterim(status: number, raw: readonly Buffer[]): boolean {
    this.#interim ??= new Interim()
    if (!this.#interim.pass(this.#forwarding, status, raw)) return true
    this.#fail(new Problem('bad_gateway', { cause: new Error('interim answers without an end') }))
    return false
  }

  /** Time is up; whose fault that is depends on who is waited for. */
  #late(): void {
    const { request, response } = this.#forwarding
    const isUploading = this.#phase === 'waiting' && !request.complete && request.readableLength === 0
    if (isUploading) this.#fail(new Problem('request_timeout'), 'void')
    else this.#fail(new Problem('gateway_timeout'), response.writableNeedDrain ? 'void' : 'failed')
  }

  #fail(
    error: Error,
    outcome?: Outcome,
    cut: () => void = () => void this.#forwarding.response.destroy(),
  ): void {
    if (this.#phase === 'over') return
    // The caller's reset arrives as an error of the request body before the response says that it is closed.
    if (this.#caller.destroyed) return this.#callerLeft()
    const problem = upstreamProblem(error)
    const blame = outcome ?? (problem.status < 500 ? 'void' : 'failed')
    if (this.#phase !== 'answering') {
      this.#end({ kind: 'refused', problem }, blame)
    } else {
      cut()
      this.#end({ kind: 'cut', status: this.#status, bytes: this.#bytes, problem }, blame)
    }
    this.#abort?.(problem)
  }

  #callerLeft(): void {
    if (this.#phase === 'over') return
    this.#end({ kind: 'abandoned', status: this.#status, bytes: this.#bytes }, 'void')
    this.#abort?.(new Error('the caller went away'))
  }

  #answered(): void {
    const status = this.#status
    const isUnwell = status >= 502 && status <= 504
    this.#end({ kind: 'answered', status, bytes: this.#bytes }, isUnwell ? 'unwell' : 'ok')
  }

  #end(end: ForwardEnd, outcome: Outcome): void {
    this.#phase = 'over'
    this.#deadline?.cancel()
    this.#headDeadline?.cancel()
    this.#giveUpWaiting?.()
    this.#settle(outcome)
    if (this.#hasTurn) this.#forwarding.upstream.leave()
    this.#forwarding.ended(end)
  }

  #settle(outcome: Outcome): void {
    if (this.#target === undefined) return
    this.#forwarding.upstream.settle(this.#target, outcome)
    this.#target = undefined
    this.#abort = this.#phase === 'over' ? this.#abort : undefined
  }
}
