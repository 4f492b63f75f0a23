import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'undici'
import { Backoff } from '../backoff.ts'
import { fetchIfChanged } from '../http/client.ts'
import type { Logger } from '../log.ts'

/** How long the door is asked to hold a request, in seconds: below every idle time-out on the way. */
const waitSeconds = 20
const limits = { timeoutMs: 25_000, maxBytes: 64 * 1024 }
/** An answer sooner than this was not held. */
const heldMs = 1_000
const shortPauseMs = 50

export interface KeyWatch {
  readonly door: Pool
  readonly path: string
  readonly log: Logger
  /** Is given each new document. @throws for one that cannot be used. */
  take(document: unknown): void
  readonly signal: AbortSignal
}

/**
 * Hears of a change of the door's JWKS when it happens: one request is always there, and the door answers it once the
 * keys are others than those of its `etag`, or after a while. A door that does not hold requests, or is not there, is
 * asked ever less often; the keys are fetched now and then besides (JwksClient), so nothing hangs on this alone.
 * Never rejects; ends with `signal`.
 */
export async function watchKeys(watch: KeyWatch): Promise<void> {
  let etag: string | undefined
  const backoff = new Backoff()
  while (!watch.signal.aborted) {
    const since = performance.now()
    const answer = await ask(watch, etag)
    etag = answer.etag
    const isGood = answer.isNews || (answer.isHeard && performance.now() - since >= heldMs)
    if (isGood) backoff.reset()
    await (isGood ? pause(shortPauseMs, watch.signal) : backoff.pause(watch.signal))
  }
}

interface Answer {
  readonly isHeard: boolean
  /** There was something new, and a next time can be told from it. */
  readonly isNews: boolean
  readonly etag: string | undefined
}

async function ask(watch: KeyWatch, etag: string | undefined): Promise<Answer> {
  const { door, path, log, signal } = watch
  try {
    const found = await fetchIfChanged(door, `${path}?wait=${waitSeconds}`, { ...limits, etag, signal })
    if (found === undefined) return { isHeard: true, isNews: false, etag }
    watch.take(found.document)
    return { isHeard: true, isNews: found.etag !== undefined, etag: found.etag }
  } catch (error) {
    if (!signal.aborted) log.debug({ err: error }, 'the door cannot be heard of its keys')
    return { isHeard: false, isNews: false, etag }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal, ref: false })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
