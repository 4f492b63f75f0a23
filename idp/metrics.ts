import type { Metrics } from '@gatehouse/kit/metrics'

const grantTypes = new Set([
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
])

/** The IdP's own counters. Label values are closed sets. */
export function countersOf(metrics: Metrics): {
  readonly countToken: (grantType: string) => void
  readonly countSignIn: (outcome: string) => void
} {
  const tokens = metrics.counter('gatehouse_idp_token_responses_total', 'Token responses given', [
    'grant_type',
  ])
  const signIns = metrics.counter('gatehouse_idp_sign_ins_total', 'Attempts to sign in with a password', [
    'outcome',
  ])
  return {
    countToken: (grantType) =>
      tokens.child({ grant_type: grantTypes.has(grantType) ? grantType : 'other' }).inc(),
    countSignIn: (outcome) => signIns.child({ outcome }).inc(),
  }
}
