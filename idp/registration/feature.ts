import { hash, randomBytes } from 'node:crypto'
import type { ProtocolConfig } from '@gatehouse/kit/config/types-protocol'
import type { Configuration } from 'oidc-provider'
import { newClientSecret } from '../clients/secrets.ts'

type Features = Pick<NonNullable<Configuration['features']>, 'registration' | 'registrationManagement'>

/** Dynamic registration (RFC 7591) and its management (RFC 7592). */
export function registration({ who, initialAccessToken }: ProtocolConfig['registration']): Features {
  if (who === 'nobody')
    return { registration: { enabled: false }, registrationManagement: { enabled: false } }
  return {
    registration: {
      enabled: true,
      initialAccessToken: who === 'token' ? (initialAccessToken ?? newClientSecret()) : false,
      issueRegistrationAccessToken: true,
      idFactory: () => `dyn_${randomBytes(16).toString('base64url')}`,
      secretFactory: newClientSecret,
    },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
  }
}

/** As the library will find: by hashes, whose comparison tells nothing of the token. */
export function mayRegister(
  { who, initialAccessToken }: ProtocolConfig['registration'],
  token: string | undefined,
): boolean {
  if (who !== 'token') return true
  return (
    token !== undefined &&
    initialAccessToken !== undefined &&
    hash('sha256', token) === hash('sha256', initialAccessToken)
  )
}
