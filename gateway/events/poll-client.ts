import type { Agent } from 'undici'
import { isRecord } from '@gatehouse/kit/tokens/strict-json'

const maxAnswerBytes = 8 * 1024 * 1024

/** No usable answer of a transmitter. `status` 401 means that another token is needed. */
export class PollFailed extends Error {
  override readonly name = 'PollFailed'
  readonly status: number | undefined

  constructor(message: string, options: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.status = options.status
  }
}

export interface Poll {
  readonly ack: readonly string[]
  /** Why a SET was refused, by `jti` (RFC 8935 section 2.4). */
  readonly setErrs: Readonly<Record<string, { readonly err: string; readonly description: string }>>
  readonly returnImmediately: boolean
  readonly maxEvents: number
}

export interface Answer {
  /** In the order in which they came. */
  readonly sets: readonly { readonly jti: string; readonly set: string }[]
  readonly moreAvailable: boolean
}

/**
 * One poll, RFC 8936 section 2.4.
 * @param o.waitMs how long the transmitter is asked to wait for an event
 * @throws PollFailed
 */
export async function pollTransmitter(o: {
  readonly agent: Agent
  readonly url: URL
  readonly token: string
  readonly poll: Poll
  readonly waitMs: number
  readonly signal: AbortSignal
}): Promise<Answer> {
  const { agent, url, token, poll, waitMs, signal } = o
  const { returnImmediately, maxEvents, ack, setErrs } = poll
  try {
    const answer = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json',
        prefer: `wait=${Math.ceil(waitMs / 1000)}`,
      },
      body: JSON.stringify({ returnImmediately, maxEvents, ack, setErrs }),
      signal,
    })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) {
      throw new PollFailed(`answered ${answer.statusCode}`, { status: answer.statusCode })
    }
    return readAnswer(text)
  } catch (cause) {
    if (cause instanceof PollFailed) throw cause
    throw new PollFailed('gave no answer', { cause })
  }
}

/** What the agent must be made with, for answers that take their time and are not too long. */
export function pollAgentOptions(waitMs: number) {
  const timeoutMs = waitMs + 5000
  return {
    connections: 1,
    maxResponseSize: maxAnswerBytes,
    headersTimeout: timeoutMs,
    bodyTimeout: 10_000,
    connect: { timeout: 2000 },
  }
}

function readAnswer(text: string): Answer {
  const body: unknown = parse(text)
  const sets = isRecord(body) ? body['sets'] : undefined
  if (!isRecord(body) || !isRecord(sets)) throw new PollFailed('answered without sets')
  return {
    sets: Object.entries(sets).map(([jti, set]) => ({ jti, set: typeof set === 'string' ? set : '' })),
    moreAvailable: body['moreAvailable'] === true,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new PollFailed('answered with something that is not JSON')
  }
}
