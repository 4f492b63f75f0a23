/** Where the provider's endpoints are. Each is routed explicitly in http/oauth.ts. */
export const routes = {
  authorization: '/oauth/authorize',
  pushed_authorization_request: '/oauth/par',
  token: '/oauth/token',
  jwks: '/oauth/jwks',
  userinfo: '/oauth/userinfo',
  introspection: '/oauth/introspect',
  revocation: '/oauth/revoke',
  device_authorization: '/oauth/device',
  backchannel_authentication: '/oauth/backchannel',
  end_session: '/oauth/logout',
  registration: '/oauth/register',
  /** Short, because people type it (RFC 8628 section 3.2, `verification_uri`). */
  code_verification: '/device',
} as const
