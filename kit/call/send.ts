import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { timeoutHeader } from '../http/timeout-header.ts'
import { readAnswer } from './answer.ts'
import { CallError, errorCode, type CallErrorCode } from './error.ts'
import type { CallAnswer, Outgoing } from './request.ts'
import type { RetryBudget } from './retry-budget.ts'

export interface Sending {
  readonly to: string
  readonly timeoutMs: number
  /** Whoever asked: their leaving ends it. */
  readonly signals: readonly AbortSignal[]
  readonly maxBytes: number
  readonly budget: RetryBudget
}

const maxAttempts = 3
const notSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

/**
 * Sends a call and reads its answer, within its time.
 * @throws CallError
 */
export async function send(pool: Dispatcher, request: Outgoing, o: Sending): Promise<CallAnswer> {
  if (o.timeoutMs <= 0) throw new CallError('timeout', o.to)
  const deadline = AbortSignal.timeout(Math.ceil(o.timeoutMs))
  const until = performance.now() + o.timeoutMs
  const signal = AbortSignal.any([deadline, ...o.signals])
  o.budget.called()
  try {
    return await readAnswer(await attempts(pool, request, { ...o, signal, until }), o.to, o.maxBytes)
  } catch (error) {
    if (error instanceof CallError) throw error
    if (o.signals.some((one) => one.aborted)) throw new CallError('aborted', o.to, { cause: error })
    if (deadline.aborted) throw new CallError('timeout', o.to, { cause: error })
    throw new CallError(meaningOf(error), o.to, { cause: error })
  }
}

/** Retries only what is safe (RFC 9110 section 9.2.1) and was never sent: no connection came about. */
async function attempts(
  pool: Dispatcher,
  request: Outgoing,
  o: Sending & { readonly signal: AbortSignal; readonly until: number },
): Promise<Dispatcher.ResponseData> {
  const most = request.method === 'GET' || request.method === 'HEAD' ? maxAttempts : 1
  for (let attempt = 1; ; attempt += 1) {
    const left = Math.max(1, Math.floor(o.until - performance.now()))
    const headers = { ...request.headers, [timeoutHeader]: String(left) }
    try {
      return await pool.request({ ...request, headers, signal: o.signal })
    } catch (error) {
      if (attempt >= most || !notSent.has(errorCode(error)) || !o.budget.take()) throw error
    }
    await sleep(25 * 2 ** attempt * (0.5 + Math.random()), undefined, { signal: o.signal })
  }
}

function meaningOf(error: unknown): CallErrorCode {
  const code = errorCode(error)
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'timeout'
  if (code.startsWith('HPE_') || code.startsWith('UND_ERR_RES')) return 'bad_answer'
  return 'unavailable'
}
