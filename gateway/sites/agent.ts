import type { Dispatcher } from 'undici'
import { Problem } from '@gatehouse/kit/errors'
import { Agent, buildConnector } from '@gatehouse/kit/http/undici'
import type { SiteConfig } from '@gatehouse/kit/config/types'
import { Concurrency } from '../upstream/concurrency.ts'

const connections = 64
/** Requests that wait for one of them. */
const queue = 1_024
const connectMs = 2_000

/** What becomes of the caller of a request, by its transaction: aborted when it goes away. */
export type Callers = (txn: string) => AbortSignal | undefined

type Answered<Opaque> = (error: Error | null, data?: Dispatcher.ResponseData<Opaque>) => void

/**
 * Connections to a site. Its certificate is verified for the name of the target, whatever `Host` is sent along: undici
 * would take that for the name, and @fastify/http-proxy's own agent verifies nothing at all.
 */
export function siteAgent({ timeoutMs }: SiteConfig, callers: Callers): Agent {
  const connect = buildConnector({ rejectUnauthorized: true, timeout: connectMs })
  const options = {
    connections,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: ({ servername: _fromHost, ...target }, callback) => connect(target, callback),
  } satisfies ConstructorParameters<typeof Agent>[0]
  return new SiteAgent(options, new Concurrency({ max: connections, queue, waitMs: timeoutMs }), callers)
}

/** undici would have any number wait, for any time, and the plugin would ask for those as well who have gone away since. */
class SiteAgent extends Agent {
  readonly #turns: Concurrency
  readonly #callers: Callers

  constructor(options: ConstructorParameters<typeof Agent>[0], turns: Concurrency, callers: Callers) {
    super(options)
    this.#turns = turns
    this.#callers = callers
  }

  override request<Opaque = null>(
    options: Dispatcher.RequestOptions<Opaque>,
    answered: Answered<Opaque>,
  ): void
  override request<Opaque = null>(
    options: Dispatcher.RequestOptions<Opaque>,
  ): Promise<Dispatcher.ResponseData<Opaque>>
  override request<Opaque = null>(
    options: Dispatcher.RequestOptions<Opaque>,
    answered?: Answered<Opaque>,
  ): Promise<Dispatcher.ResponseData<Opaque>> | undefined {
    if (answered === undefined) return super.request(options)
    const signal = this.#callers(txnOf(options)) ?? null
    const giveUp = this.#turns.enter(
      () => super.request({ ...options, signal }, this.#leaving(answered)),
      () => answered(noTurn()),
    )
    if (giveUp !== undefined) signal?.addEventListener('abort', giveUp, { once: true })
    return undefined
  }

  #leaving<Opaque>(answered: Answered<Opaque>): Answered<Opaque> {
    return (error, data) => {
      if (error !== null || data === undefined) this.#turns.leave()
      else data.body.once('close', () => this.#turns.leave())
      answered(error, data)
    }
  }
}

function txnOf({ headers }: { readonly headers?: unknown }): string {
  const isNamed = typeof headers === 'object' && headers !== null && 'x-request-id' in headers
  return isNamed ? String(headers['x-request-id']) : ''
}

function noTurn(): Problem {
  return new Problem('upstream_unavailable', { headers: { 'retry-after': '1' } })
}
