import { errors, Provider } from 'oidc-provider'
import { idHash } from './hash.ts'

/** What a session gave its client in this request was made after it had ended, and nothing would end it any more. */
export function refuseCode(): void {
  const { AuthorizationCode, DeviceCode } = Provider.ctx?.oidc.entities ?? {}
  if (AuthorizationCode !== undefined || DeviceCode?.accountId !== undefined)
    throw new errors.SessionNotFound('the session has ended')
}

/** After the answer to this was made, the library would try again, and fail with it. */
export function leaveUnsaved(): void {
  const session = Provider.ctx?.oidc.session
  if (session !== undefined) Reflect.set(session, 'touched', false)
}

/** The hash of the id that the session of this request gave up for `id`. */
export function renamedFrom(id: string): string | undefined {
  const session = Provider.ctx?.oidc.session
  // Not in the library's types.
  if (session === undefined || session.jti !== id || !('oldId' in session)) return undefined
  return typeof session.oldId === 'string' ? idHash(session.oldId) : undefined
}
