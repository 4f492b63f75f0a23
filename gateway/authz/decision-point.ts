import { Agent } from '@gatehouse/kit/http/undici'
import type { Clock } from '@gatehouse/kit/clock'
import type { ExternalDecisionConfig } from '@gatehouse/kit/config/types'
import { EvidenceCache } from '@gatehouse/kit/guard/evidence'
import type { Logger } from '@gatehouse/kit/log'
import type { CounterChild, Family, Metrics } from '@gatehouse/kit/metrics'

export type Decision = 'allow' | 'deny' | 'none'

const maxWaiting = 256
const maxAnswerBytes = 16 * 1024
const remembered = 10_000

/** Asks others whether a request may pass. At most so many wait at a time; more get no decision. */
export class DecisionPoint {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #counter: Family<CounterChild>
  readonly #agent = new Agent({ connections: 32, maxHeaderSize: maxAnswerBytes })
  readonly #known = new EvidenceCache<{
    readonly decision: Decision
    readonly from: number
    readonly until: number
  }>(remembered)
  #waiting = 0

  constructor(parts: { readonly clock: Clock; readonly log: Logger; readonly metrics: Metrics }) {
    this.#clock = parts.clock
    this.#log = parts.log
    this.#counter = parts.metrics.counter(
      'gatehouse_gateway_external_decisions_total',
      'Requests that somebody else was asked about, by the answer.',
      ['decision'],
    )
  }

  /** @param key everything that the decision may depend on, but for the transaction; only used with `cacheMs`. */
  async ask(config: ExternalDecisionConfig, question: object, key: string): Promise<Decision> {
    const known = config.cacheMs > 0 ? this.#known.get(key) : undefined
    const askedAt = this.#clock.now()
    if (known !== undefined) {
      // The route may have been given less time since.
      const until = Math.min(known.until, known.from + config.cacheMs)
      // A clock that was set back makes nothing younger.
      if (known.from <= askedAt && askedAt < until) return known.decision
    }
    const decision = await this.#bounded(config, question)
    this.#counter.child({ decision }).inc()
    // From when it was asked: what changed meanwhile is not in the decision.
    const until = askedAt + config.cacheMs
    if (config.cacheMs > 0 && decision !== 'none') this.#known.set(key, { decision, from: askedAt, until })
    return decision
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async #bounded(config: ExternalDecisionConfig, question: object): Promise<Decision> {
    if (this.#waiting >= maxWaiting) return 'none'
    this.#waiting++
    try {
      return await this.#send(config, question)
    } catch (err) {
      this.#log.warn({ err, origin: new URL(config.url).origin }, 'no external decision')
      return 'none'
    } finally {
      this.#waiting--
    }
  }

  async #send({ url, timeoutMs }: ExternalDecisionConfig, question: object): Promise<Decision> {
    const { origin, pathname, search } = new URL(url)
    const signal = AbortSignal.timeout(timeoutMs)
    const { statusCode, body } = await this.#agent.request({
      origin,
      path: pathname + search,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(question),
      signal,
    })
    let text = ''
    for await (const chunk of body) {
      text += String(chunk)
      if (text.length > maxAnswerBytes) throw new Error('the decision is too long')
    }
    if (statusCode !== 200) throw new Error(`answered ${statusCode}`)
    return decisionIn(JSON.parse(text))
  }
}

function decisionIn(answer: unknown): Decision {
  if (typeof answer === 'object' && answer !== null && 'allow' in answer) {
    if (answer.allow === true) return 'allow'
    if (answer.allow === false) return 'deny'
  }
  throw new Error('the decision is neither allow nor deny')
}
