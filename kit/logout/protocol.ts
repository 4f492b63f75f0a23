/** How a first-party client ends a login at the IdP from server to server (docs/protocol.md, "Signing out in one step"). */

/** Resource indicator: the audience of the tokens that such clients bring (RFC 8707). */
export const sessionsResource = 'urn:gatehouse:sessions'

/** The scope that lets a client end logins. */
export const sessionsScope = 'sessions:end'

/** Where, below the issuer: a POST of a form with `sub` and `sid`. */
export const endLoginPath = '/oauth/logout/session'
