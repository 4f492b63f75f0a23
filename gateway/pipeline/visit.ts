import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '@gatehouse/kit/log'
import type { Problem } from '@gatehouse/kit/errors'
import { sendProblem } from '../http/send-problem.ts'
import type { AccessEntry, AccessLog } from '../log/access-log.ts'
import { reasonOf } from '../log/reason.ts'
import type { GatewayMetrics, RouteMetrics } from '../metrics.ts'
import type { ForwardEnd } from '../upstream/forwarder.ts'

/** What nginx writes for a caller that went away before the answer; it is never sent. */
const callerWentAway = 499

/** What the visits of one door share. */
export interface VisitDeps {
  readonly log: Logger
  readonly accessLog: AccessLog
  readonly metrics: GatewayMetrics
  /** Flat; every answer carries them. */
  readonly ownHeaders: readonly string[]
  /** Of the resource metadata, for challenges to callers outside. */
  readonly metadataUrl?: string
  /** Counts what reached no route. */
  readonly noRoute: RouteMetrics
}

/** What becomes known of a request on its way and is told at its end: the entry of the log, while it is made. */
export type VisitFacts = { -readonly [Name in keyof AccessEntry]: AccessEntry[Name] } & {
  readonly address: string
  metrics: RouteMetrics
}

/** One request from its arrival to its end: the answer with a problem, the log line and the counters. */
export class Visit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  readonly facts: VisitFacts
  readonly #deps: VisitDeps
  readonly #startedAt = performance.now()
  #added: readonly string[] = []

  constructor(
    deps: VisitDeps,
    exchange: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly txn: string },
    address: string,
  ) {
    this.#deps = deps
    this.request = exchange.request
    this.response = exchange.response
    this.method = exchange.request.method ?? ''
    this.facts = newFacts(exchange.txn, this.method, exchange.request.url ?? '', address, deps.noRoute)
  }

  /** Flat; carried by whatever is answered. */
  ownHeaders(): string[] {
    return [...this.#deps.ownHeaders, 'x-request-id', this.facts.txn, ...this.#added]
  }

  /** Has whatever is answered carry these as well, flat. */
  addHeaders(headers: readonly string[]): void {
    this.#added = this.#added.length === 0 ? headers : [...this.#added, ...headers]
  }

  /** Answers without a body. */
  answerEmpty(status: number, headers: readonly string[]): void {
    this.response.writeHead(status, [...this.ownHeaders(), ...headers]).end()
    this.#tell(status, 0)
  }

  /** Answers with the problem. */
  refuse(problem: Problem): void {
    if (this.response.destroyed) return this.#tell(callerWentAway, 0, problem)
    const { txn } = this.facts
    const bytes = sendProblem(
      { request: this.request, response: this.response, txn, metadataUrl: this.#deps.metadataUrl },
      problem,
      this.ownHeaders(),
    )
    this.#tell(problem.status, bytes, problem)
  }

  /** Sends a browser elsewhere instead of showing it the problem. */
  redirect(location: string, because: Problem): void {
    const headers = [...this.ownHeaders(), 'location', location, 'cache-control', 'no-store']
    const cookie = because.headers['set-cookie']
    if (cookie !== undefined) headers.push('set-cookie', cookie)
    this.response.writeHead(303, [...headers, 'content-length', '0'])
    this.response.end()
    this.#tell(303, 0, because)
  }

  /** Takes note of how forwarding ended, and answers if that is still to be done. */
  ended(end: ForwardEnd): void {
    switch (end.kind) {
      case 'answered':
        return this.#tell(end.status, end.bytes)
      case 'abandoned':
        return this.#tell(callerWentAway, end.bytes)
      case 'cut':
        this.#countUpstreamError(end.problem)
        return this.#tell(end.status, end.bytes, end.problem)
      case 'refused':
        if (end.problem.status >= 500) this.#countUpstreamError(end.problem)
        return this.refuse(end.problem)
    }
  }

  #countUpstreamError(problem: Problem): void {
    const upstream = this.facts.upstream ?? 'none'
    this.#deps.metrics.upstreamErrors.child({ upstream, code: problem.code }).inc()
  }

  #tell(status: number, bytes: number, problem?: Problem): void {
    const { facts } = this
    facts.status = status
    facts.bytes = bytes
    facts.ms = performance.now() - this.#startedAt
    if (problem !== undefined) {
      facts.code = problem.code
      facts.reason = reasonOf(problem)
    }
    facts.metrics.count(status, facts.ms)
    this.#deps.accessLog.write(facts)
    if (problem?.code === 'internal_error') {
      this.#deps.log.error({ txn: facts.txn, err: problem.cause ?? problem }, 'request failed')
    }
  }
}

/** All members from the start, so that every entry has the same shape and none is copied. */
function newFacts(
  txn: string,
  method: string,
  url: string,
  address: string,
  metrics: RouteMetrics,
): VisitFacts {
  return {
    txn,
    method,
    path: pathAsSent(url),
    route: undefined,
    status: 0,
    ms: 0,
    bytes: 0,
    address,
    authn: undefined,
    sub: undefined,
    clientId: undefined,
    sid: undefined,
    upstream: undefined,
    tokenTxn: undefined,
    code: undefined,
    reason: undefined,
    peer: undefined,
    metrics,
  }
}

const loggedPath = 256

/** Of a path that was not made canonical yet, or never will be. */
export function pathAsSent(url: string): string {
  const mark = url.indexOf('?')
  return url.slice(0, Math.min(mark === -1 ? url.length : mark, loggedPath))
}
