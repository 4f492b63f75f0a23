import type { KeyState, RingKey } from './rows.ts'

/** When keys move on. Milliseconds. */
export interface KeyPolicy {
  /** How long a key signs. */
  readonly rotateEveryMs: number
  /** How long a key is public before it signs: longer than anybody may keep the JWKS. */
  readonly publishMs: number
  /** How long a key verifies after it signed last: the longest life of what it signed, plus skew. */
  readonly retireMs: number
}

/** What is still to be done about a ring. */
export interface DueSteps {
  readonly rotate: boolean
  /** Keys that are retiring since this moment or earlier go. */
  readonly removeBefore: number
  readonly remove: boolean
}

/** What happens to a key next, and when (milliseconds since the epoch). */
export interface NextStep {
  readonly step: 'signs' | 'retires' | 'is removed'
  readonly at: number
}

/** What there is to do now. */
export function dueSteps(keys: readonly RingKey[], policy: KeyPolicy, now: number): DueSteps {
  const removeBefore = now - policy.retireMs
  return {
    rotate: nextTurn(keys, policy) <= now,
    removeBefore,
    remove: keys.some((key) => key.state === 'retiring' && key.stateSince <= removeBefore),
  }
}

/**
 * From when on the published key may sign without a verifier that does not know it. Beside a ring's first key, its
 * second one was public from the start: nobody can have a JWKS without it.
 */
export function knownFrom(keys: readonly RingKey[], policy: KeyPolicy): number {
  const signing = withState(keys, 'signing')
  const published = withState(keys, 'published')
  if (published === undefined) return 0
  const isFirstPair =
    signing !== undefined &&
    keys.length === 2 &&
    signing.stateSince === signing.createdAt &&
    published.createdAt === signing.createdAt
  return isFirstPair ? published.createdAt : published.stateSince + policy.publishMs
}

/** What happens to this key of the ring if nobody intervenes. */
export function nextStep(key: RingKey, keys: readonly RingKey[], policy: KeyPolicy): NextStep {
  if (key.state === 'retiring') return { step: 'is removed', at: key.stateSince + policy.retireMs }
  return { step: key.state === 'signing' ? 'retires' : 'signs', at: nextTurn(keys, policy) }
}

function nextTurn(keys: readonly RingKey[], policy: KeyPolicy): number {
  const signing = withState(keys, 'signing')
  return Math.max((signing?.stateSince ?? 0) + policy.rotateEveryMs, knownFrom(keys, policy))
}

function withState(keys: readonly RingKey[], state: KeyState): RingKey | undefined {
  return keys.find((key) => key.state === state)
}
