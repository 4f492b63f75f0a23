import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider'

/**
 * What the classic certification plans of the OpenID Foundation ask for and RFC 9700 advises against. On only with
 * `idp.profile: certification`, which production refuses.
 */
export function responseTypes(certification: boolean): NonNullable<Configuration['responseTypes']> {
  if (!certification) return ['code']
  return ['code', 'code id_token', 'id_token', 'code id_token token', 'code token', 'id_token token', 'none']
}

/**
 * PKCE always; under the profile not from confidential clients, which should send a `nonce` then (RFC 9700
 * section 2.1.1). One module of the basic plan sends neither, and has to succeed.
 */
export function isPkceRequired(certification: boolean) {
  return (_ctx: KoaContextWithOIDC, client: Client): boolean => {
    if (!certification || client['profile'] === 'fapi2') return true
    return client.clientAuthMethod === 'none'
  }
}

/** What to say at start: nobody should run like this without knowing. */
export const certificationWarning =
  'profile certification: implicit and hybrid flows, requests without PKCE, request objects by value and RSA keys are ' +
  'accepted, and ID tokens signed with RSA on demand; for the certification suites only'
