import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { Problem } from '@gatehouse/kit/errors'

/** Why, for the log: never a text that somebody outside wrote. */
export function reasonOf(problem: Problem): string | undefined {
  const { cause } = problem
  if (cause instanceof TokenRejected) return cause.message
  if (!(cause instanceof Error)) return undefined
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
}
