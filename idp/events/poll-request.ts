import { Problem } from '@gatehouse/kit/errors'
import { maxEventsPerPoll } from '@gatehouse/kit/events/protocol'

const maxIds = 1000
const streamForm = /^[A-Za-z0-9._~-]{1,100}$/

/** RFC 8936 section 2.4, with what our receivers say beyond it (kit/events/protocol.ts). */
export interface PollRequest {
  readonly stream: string
  /** Milliseconds since the epoch. */
  readonly since: number | undefined
  readonly maxEvents: number
  readonly returnImmediately: boolean
  readonly ack: readonly string[]
  /** What the receiver could not take, and why; by `jti`. */
  readonly setErrs: readonly { readonly jti: string; readonly err: string }[]
}

/** @throws Problem `validation_failed` */
export function readPollRequest(body: unknown, query: URLSearchParams): PollRequest {
  const given: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {}
  return {
    stream: streamOf(query),
    since: sinceOf(query),
    maxEvents: maxEventsOf(given['maxEvents']),
    returnImmediately: flag(given['returnImmediately']),
    ack: ids(given['ack']),
    setErrs: errorsOf(given['setErrs']),
  }
}

function streamOf(query: URLSearchParams): string {
  const stream = query.get('stream') ?? 'default'
  return streamForm.test(stream) ? stream : refuse('stream', 'must be 1 to 100 of A-Z a-z 0-9 . _ ~ -')
}

function sinceOf(query: URLSearchParams): number | undefined {
  const since = query.get('since')
  if (since === null) return undefined
  return /^\d{1,12}$/.test(since) ? Number(since) * 1000 : refuse('since', 'must be seconds since the epoch')
}

function maxEventsOf(value: unknown): number {
  if (value === undefined) return maxEventsPerPoll
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    return refuse('maxEvents', 'must be a whole number, 0 or more')
  }
  return Math.min(value, maxEventsPerPoll)
}

function flag(value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false
  return refuse('returnImmediately', 'must be true or false')
}

function ids(value: unknown): readonly string[] {
  if (value === undefined) return []
  const fits =
    Array.isArray(value) && value.length <= maxIds && value.every((item) => typeof item === 'string')
  return fits ? value : refuse('ack', `must be a list of at most ${maxIds} jti`)
}

function errorsOf(value: unknown): PollRequest['setErrs'] {
  if (value === undefined) return []
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const entries = isObject ? Object.entries(value) : []
  if (!isObject || entries.length > maxIds) return refuse('setErrs', 'must be an object by jti')
  return entries.map(([jti, error]) => ({ jti, err: errorCode(error) }))
}

function errorCode(error: unknown): string {
  const isNamed = typeof error === 'object' && error !== null && 'err' in error
  return isNamed && typeof error.err === 'string' ? error.err.slice(0, 100) : 'unspecified'
}

function refuse(member: string, message: string): never {
  throw new Problem('validation_failed', { faults: [{ path: `/${member}`, message }] })
}
