import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import type { Caller } from './guard/caller.ts'

export interface CallRequest {
  /** Upper case. */
  readonly method: string
  /** Path and query at the callee, from its first slash; encode what comes from outside. */
  readonly path: string
  /** Sent as JSON; undefined sends no body. */
  readonly body?: unknown
  /** Asks the internal door for no more than these; default: all that the edge lets through. */
  readonly scopes?: readonly string[]
  /** Milliseconds for everything, retries and the whole answer included. Default 5,000. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

export interface CallAnswer {
  readonly status: number
  /** The JSON that came; undefined when the answer has no body. Check its shape before you use it. */
  readonly body: unknown
}

/**
 * Calls another service on the caller's behalf, through the internal door, which narrows the caller's token
 * for the callee. Gives the answer for 2xx and for 4xx that are the callee's own business (404, 409, 422 …).
 * @param to Name of the service, as in the edges of the configuration.
 * @throws CallError for everything else; TypeError for wrong use.
 */
export type Call = (caller: Caller, to: string, request: CallRequest) => Promise<CallAnswer>

/**
 * `refused`: 401 or 403, such as an unknown edge or a missing scope. `unavailable`: nobody answered, or with
 * 429 or 5xx. `timeout`: the deadline passed. `bad_answer`: not HTTP, not JSON, too large, or a redirect.
 * `aborted`: your own signal.
 */
export type CallErrorCode = 'refused' | 'unavailable' | 'timeout' | 'bad_answer' | 'aborted'

export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code: CallErrorCode
  /** Name of the service that was called. */
  readonly to: string
  /** The status that was answered, if one was. */
  readonly status: number | undefined

  constructor(
    code: CallErrorCode,
    to: string,
    options: { status?: number | undefined; cause?: unknown } = {},
  ) {
    super(`calling ${to}: ${code}${options.status === undefined ? '' : ` (${options.status})`}`, {
      cause: options.cause,
    })
    this.code = code
    this.to = to
    this.status = options.status
  }
}

export interface CallOptions {
  /** Connections to the internal door: mTLS as this workload, pinned to the gateway's identity. */
  readonly door: Dispatcher
  /** Largest answer in bytes. Default 1 MiB. */
  readonly maxAnswerBytes?: number
}

const defaultTimeoutMs = 5_000
const defaultMaxAnswerBytes = 1024 * 1024
const maxAttempts = 3

export function createCall(options: CallOptions): Call {
  const maxBytes = options.maxAnswerBytes ?? defaultMaxAnswerBytes
  return async (caller, to, request) => {
    const outgoing = prepare(caller, to, request)
    const deadline = AbortSignal.timeout(request.timeoutMs ?? defaultTimeoutMs)
    const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal])
    try {
      const answer = await send(options.door, { ...outgoing, signal })
      return await readAnswer(answer, to, maxBytes)
    } catch (error) {
      if (error instanceof CallError) throw error
      if (request.signal?.aborted === true) throw new CallError('aborted', to, { cause: error })
      if (deadline.aborted) throw new CallError('timeout', to, { cause: error })
      throw new CallError(meaningOf(error), to, { cause: error })
    }
  }
}

type Outgoing = Omit<Dispatcher.RequestOptions, 'origin' | 'signal'> & {
  readonly method: Dispatcher.HttpMethod
}

const serviceName = /^[a-z0-9][a-z0-9-]{0,62}$/
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/

function prepare(caller: Caller, to: string, request: CallRequest): Outgoing {
  if (!serviceName.test(to)) throw new TypeError('call: not the name of a service')
  if (!isPath(request.path)) throw new TypeError('call: the path must be absolute, canonical and encoded')
  const headers: Record<string, string> = {
    authorization: `Bearer ${caller.token}`,
    accept: 'application/json, application/problem+json',
  }
  if (caller.traceparent !== undefined) headers['traceparent'] = caller.traceparent
  if (request.scopes !== undefined) headers['gatehouse-scope'] = scopeList(request.scopes)
  const outgoing = { method: request.method, path: `/${to}${request.path}`, headers }
  if (request.body === undefined) return outgoing
  headers['content-type'] = 'application/json'
  return { ...outgoing, body: JSON.stringify(request.body) }
}

/** What a path parameter could smuggle in: another path, another service, a header. */
function isPath(path: string): boolean {
  if (!/^\/[\x21\x22\x24-\x5B\x5D-\x7E]*$/.test(path)) return false
  const [beforeQuery = ''] = path.split('?', 1)
  return !/\/\/|\/\.{1,2}(?:\/|$)|%2e|%2f|%5c/i.test(beforeQuery)
}

function scopeList(scopes: readonly string[]): string {
  if (scopes.length === 0 || !scopes.every((scope) => scopeToken.test(scope))) {
    throw new TypeError('call: scopes must name at least one; leave them out to ask for all')
  }
  return scopes.join(' ')
}

const notSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Retries only what is safe (RFC 9110 section 9.2.1) and was never sent: no connection came about. */
async function send(
  door: Dispatcher,
  outgoing: Outgoing & { readonly signal: AbortSignal },
): Promise<Dispatcher.ResponseData> {
  const attempts = outgoing.method === 'GET' || outgoing.method === 'HEAD' ? maxAttempts : 1
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await door.request(outgoing)
    } catch (error) {
      if (attempt >= attempts || !notSent.has(errorCode(error))) throw error
    }
    await sleep(25 * 2 ** attempt * (0.5 + Math.random()), undefined, { signal: outgoing.signal })
  }
}

async function readAnswer(
  answer: Dispatcher.ResponseData,
  to: string,
  maxBytes: number,
): Promise<CallAnswer> {
  const status = answer.statusCode
  const code = refusalOf(status)
  if (code !== undefined) {
    // Read to its end when it is short, so that the connection can be used again.
    await answer.body.dump({ limit: 16 * 1024 })
    throw new CallError(code, to, { status })
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer.body) {
    const part: unknown = chunk
    if (!Buffer.isBuffer(part)) throw new CallError('bad_answer', to, { status })
    bytes += part.length
    // Leaving the loop destroys the body, and with it the connection: the rest is not read.
    if (bytes > maxBytes) throw new CallError('bad_answer', to, { status })
    chunks.push(part)
  }
  if (bytes === 0) return { status, body: undefined }
  return { status, body: parseJson(answer, Buffer.concat(chunks), to) }
}

function refusalOf(status: number): CallErrorCode | undefined {
  if (status === 401 || status === 403) return 'refused'
  if (status === 408 || status === 504) return 'timeout'
  if (status === 429 || status >= 500) return 'unavailable'
  if (status >= 300 && status < 400) return 'bad_answer'
  return undefined
}

function parseJson(answer: Dispatcher.ResponseData, bytes: Buffer, to: string): unknown {
  const type = answer.headers['content-type']
  if (typeof type !== 'string' || !/^application\/(?:[a-z0-9.-]+\+)?json(?:;|$)/i.test(type)) {
    throw new CallError('bad_answer', to, { status: answer.statusCode })
  }
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return parsed
  } catch (error) {
    throw new CallError('bad_answer', to, { status: answer.statusCode, cause: error })
  }
}

function meaningOf(error: unknown): CallErrorCode {
  const code = errorCode(error)
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'timeout'
  if (code.startsWith('HPE_') || code.startsWith('UND_ERR_RES')) return 'bad_answer'
  return 'unavailable'
}

function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'cause' in error ? errorCode(error.cause) : ''
}
