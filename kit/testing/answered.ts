import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'

/** How long a busy machine is waited for. */
export const patienceMs = 15_000

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Undefined when the body is not JSON. */
  readonly json: unknown
}

/** Reads an answer to its end. */
export async function readAnswer({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Answered> {
  const text = await body.text()
  return { status: statusCode, headers, text, json: parsed(text) }
}

/**
 * Asks again while a service says `not_ready`, at most 15 s: on a busy machine its first look for keys, which gives up after
 * 2 s, may come too late, and that is nothing of the test's.
 */
export async function whenReady(ask: () => Promise<Answered>): Promise<Answered> {
  for (const deadline = performance.now() + patienceMs; ; await sleep(20)) {
    const answer = await ask()
    if (!isNotReady(answer) || performance.now() > deadline) return answer
  }
}

function isNotReady({ status, json }: Answered): boolean {
  return status === 503 && Object(json).code === 'not_ready'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
