import { isDeepStrictEqual } from 'node:util'
import type { AuthorizationDetail, Client } from 'oidc-provider'
import { errors } from 'oidc-provider'

export function isDetails(value: unknown): value is AuthorizationDetail[] {
  return Array.isArray(value) && value.every(isDetail)
}

function isDetail(value: unknown): value is AuthorizationDetail {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** What a request asks for, which the library has looked at; undefined when it asks for nothing. */
export function askedDetails(parameter: unknown): AuthorizationDetail[] | undefined {
  if (typeof parameter !== 'string') return undefined
  const details: unknown = JSON.parse(parameter)
  return isDetails(details) && details.length > 0 ? details : undefined
}

/**
 * What of the granted details goes into a token: all, or those that the token request names (RFC 9396 section 6.1). One
 * that is not among them exactly as it was granted is refused: we do not judge what is less than something else.
 * @throws InvalidAuthorizationDetails
 */
export function narrowedDetails(
  granted: AuthorizationDetail[] | undefined,
  asked: AuthorizationDetail[] | undefined,
): AuthorizationDetail[] | undefined {
  if (asked === undefined) return granted
  const isGranted = (one: AuthorizationDetail): boolean =>
    granted?.some((detail) => isDeepStrictEqual(detail, one)) === true
  if (!asked.every(isGranted)) throw new errors.InvalidAuthorizationDetails('more than what was granted')
  return asked
}

/** The types that a client may ask for. */
export function detailTypes(client: Client | undefined): readonly unknown[] {
  const types: unknown = client?.authorizationDetailsTypes
  return Array.isArray(types) ? types : []
}

/** Of what was granted what the client may still have; undefined when that is nothing. */
export function stillAllowed(
  granted: AuthorizationDetail[] | undefined,
  client: Client | undefined,
): AuthorizationDetail[] | undefined {
  const left = granted?.filter(({ type }) => detailTypes(client).includes(type)) ?? []
  return left.length > 0 ? left : undefined
}
