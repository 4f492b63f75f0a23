import { isStoreError } from '@gatehouse/kit/store/open'
import { errors } from 'oidc-provider'

/** Seconds after which a client may try again when the store was lost. */
export const retryAfterSeconds = 2

/**
 * The store is lost: 503 and `temporarily_unavailable` (RFC 6749 section 4.1.2.1), never a redirect, so that
 * what answers is the status that load balancers and clients understand.
 */
export class StoreUnavailable extends errors.OIDCProviderError {
  constructor(cause: unknown) {
    super(503, 'temporarily_unavailable', { cause, detail: 'the store is not available' })
    this.error_description = 'the service is not available for the moment, try again'
    // The library shows only errors below 500 unless told so.
    this.expose = true
    this.allow_redirect = false
  }
}

/** Runs a piece of work on the store and turns the loss of the store into the answer above. */
export async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw isStoreError(error) ? new StoreUnavailable(error) : error
  }
}
