import { Problem } from '@gatehouse/kit/errors'
import { isStoreError } from '@gatehouse/kit/store/open'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { IdpRefused, IdpUnavailable } from './idp-failure.ts'

/** What a failure here is to the caller, or nothing when it is a fault of ours. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  // A lost store must never look like a lost session: that would send everyone to sign in again.
  if (isStoreError(error)) {
    return new Problem('store_unavailable', { headers: { 'retry-after': '1' }, cause: error })
  }
  if (error instanceof IdpUnavailable) {
    return new Problem('upstream_unavailable', {
      detail: 'The identity server cannot be reached',
      headers: { 'retry-after': '2' },
      cause: error,
    })
  }
  if (error instanceof IdpRefused)
    return new Problem('login_failed', { detail: refusal(error), cause: error })
  if (error instanceof TokenRejected) return new Problem('login_failed', { detail: unsound, cause: error })
  return undefined
}

const unsound = 'The answer of the identity server did not pass the checks'

function refusal(error: IdpRefused): string {
  if (error.code === 'access_denied') return 'The sign-in was cancelled'
  if (error.code === 'insufficient_user_authentication') {
    return 'The identity server could not do the stronger sign-in that is needed here'
  }
  if (error.code === 'unknown_attempt') {
    return 'This sign-in was not started in this browser, took too long, or was used already'
  }
  return unsound
}
