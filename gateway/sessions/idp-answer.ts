import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { IdpRefused, IdpUnavailable } from './idp-failure.ts'

const temporary = new Set(['server_error', 'temporarily_unavailable', 'slow_down'])

/** Sorts what `openid-client` throws. It passes the TypeErrors of `fetch` through as they are. */
export function idpFailure(error: unknown): IdpUnavailable | IdpRefused {
  if (error instanceof IdpUnavailable || error instanceof IdpRefused) return error
  if (error instanceof AuthorizationResponseError) return new IdpRefused(error.error, { cause: error })
  if (error instanceof ResponseBodyError) return refusedOrTemporary(error.error, error.status, error)
  // Our own authentication failed: nothing that the person at the browser did, and their session may live on.
  if (error instanceof WWWAuthenticateChallengeError) return new IdpUnavailable('401', { cause: error })
  if (error instanceof ClientError) return clientFailure(error)
  return new IdpUnavailable('no answer', { cause: error })
}

function refusedOrTemporary(code: string, status: number, cause: unknown): IdpUnavailable | IdpRefused {
  if (status >= 500 || status === 429 || temporary.has(code) || code === 'invalid_client') {
    return new IdpUnavailable(code, { cause })
  }
  return new IdpRefused(code, { cause })
}

/** Signed with a key that is not among those that `openid-client` has fetched, and fetches once a minute at most. */
export function isUnknownKey(error: unknown): boolean {
  return error instanceof ClientError && error.code === 'OAUTH_KEY_SELECTION_FAILED'
}

function clientFailure(error: ClientError): IdpUnavailable | IdpRefused {
  const noAnswer = error.code === 'OAUTH_TIMEOUT' || error.code === 'OAUTH_ABORT' || error.code === undefined
  const notOAuth =
    error.code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' || error.code === 'OAUTH_RESPONSE_IS_NOT_JSON'
  // The keys were turned: what it says now can be checked in a moment.
  if (noAnswer || notOAuth || isUnknownKey(error))
    return new IdpUnavailable(error.code ?? 'no answer', { cause: error })
  return new IdpRefused(error.code ?? 'unknown', { cause: error })
}
