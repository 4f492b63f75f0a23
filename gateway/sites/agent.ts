import type { Dispatcher } from 'undici'
import { Problem } from '@gatehouse/kit/errors'
import { Agent, buildConnector } from '@gatehouse/kit/http/undici'
import type { SiteConfig } from '@gatehouse/kit/config/types'
import { Concurrency } from '../upstream/concurrency.ts'
import { upstreamProblem } from '../upstream/failure.ts'

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
    connect: ({ servername: _fromHost, ...target }, callback) =>
      connect(target, (...made) => {
        made[1]?.once('error', unlikeAnEnd)
        callback(...made)
      }),
  } satisfies ConstructorParameters<typeof Agent>[0]
  const turns = new Concurrency({ max: connections, queue, waitMs: timeoutMs })
  return new SiteAgent(options, { turns, callers, timeoutMs })
}

/** undici takes a reset for the end of an answer that does not state its length: what was cut would look whole. */
function unlikeAnEnd(error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET') error.code = 'ECONNABORTED'
}

interface Rules {
  readonly turns: Concurrency
  readonly callers: Callers
  readonly timeoutMs: number
}

/** undici would have any number wait, for any time, and the plugin would ask for those as well who have gone away since. */
class SiteAgent extends Agent {
  readonly #turns: Concurrency
  readonly #callers: Callers
  readonly #timeoutMs: number

  constructor(options: ConstructorParameters<typeof Agent>[0], { turns, callers, timeoutMs }: Rules) {
    super(options)
    this.#turns = turns
    this.#callers = callers
    this.#timeoutMs = timeoutMs
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
      () => {
        const late = new Late(this.#timeoutMs)
        const signals = signal === null ? [late.signal] : [late.signal, signal]
        const onInfo = (): void => late.begin()
        super.request({ ...options, onInfo, signal: AbortSignal.any(signals) }, this.#leaving(answered, late))
      },
      () => answered(noTurn()),
    )
    if (giveUp !== undefined) signal?.addEventListener('abort', giveUp, { once: true })
    return undefined
  }

  #leaving<Opaque>(answered: Answered<Opaque>, late: Late): Answered<Opaque> {
    return (error, data) => {
      late.end()
      if (error !== null || data === undefined) this.#turns.leave()
      else data.body.once('close', () => this.#turns.leave())
      answered(error === null ? null : upstreamProblem(error), data)
    }
  }
}

/** Interim answers begin undici's wait for the head anew, each of them, so that there would be no end of it. */
class Late {
  readonly #ending = new AbortController()
  readonly #ms: number
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number) {
    this.#ms = ms
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  begin(): void {
    this.#timer ??= setTimeout(() => this.#ending.abort(new Problem('gateway_timeout')), this.#ms)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

function txnOf({ headers }: { readonly headers?: unknown }): string {
  const isNamed = typeof headers === 'object' && headers !== null && 'x-request-id' in headers
  return isNamed ? String(headers['x-request-id']) : ''
}

function noTurn(): Problem {
  return new Problem('upstream_unavailable', { headers: { 'retry-after': '1' } })
}
