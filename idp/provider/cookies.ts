import type { Configuration } from 'oidc-provider'

/**
 * `__Host-` asks for the path `/`. The other two keep the library's narrower paths (one interaction each), so that
 * two tabs can sign in side by side; `__Secure-` is the strongest prefix that allows it.
 */
export const cookies = {
  names: {
    session: '__Host-idp-session',
    interaction: '__Secure-idp-interaction',
    resume: '__Secure-idp-resume',
  },
  // Lax, not strict: a client's redirect to the authorization endpoint comes from another site.
  long: { httpOnly: true, secure: true, sameSite: 'lax', path: '/' },
  short: { httpOnly: true, secure: true, sameSite: 'lax' },
} satisfies Configuration['cookies']
