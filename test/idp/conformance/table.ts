/** A module of a public plan, and our own test of what it looks at, or why there is none. */
export type Counterpart = { readonly file: string; readonly test: string } | { readonly open: string }

/**
 * Modules of the OpenID Foundation's certification plans by the names that its conformance suite gives them, each under the
 * first plan that has it. The form-post plans are the others with `response_mode=form_post`; the FAPI 2.0 Security Profile is a
 * subset of Message Signing; national profiles are left out. Files are below test/idp.
 */
export const modules: Readonly<Record<string, Readonly<Record<string, Counterpart>>>> = {
  'oidcc-basic': {
    'oidcc-server': {
      file: 'certification/flows.test.ts',
      test: 'code without PKCE, with a nonce and without',
    },
    'oidcc-response-type-missing': { file: 'conformance/basic.test.ts', test: 'response_type missing' },
    'oidcc-idtoken-signature': {
      file: 'certification/flows.test.ts',
      test: 'code without PKCE, with a nonce and without',
    },
    'oidcc-idtoken-unsigned': { open: 'alg none is never offered; the module skips itself' },
    'oidcc-userinfo-get': {
      file: 'certification/flows.test.ts',
      test: 'userinfo by GET, by POST in header and body, and signed',
    },
    'oidcc-userinfo-post-header': {
      file: 'certification/flows.test.ts',
      test: 'userinfo by GET, by POST in header and body, and signed',
    },
    'oidcc-userinfo-post-body': {
      file: 'certification/flows.test.ts',
      test: 'userinfo by GET, by POST in header and body, and signed',
    },
    'oidcc-ensure-request-without-nonce-succeeds-for-code-flow': {
      file: 'certification/flows.test.ts',
      test: 'code without PKCE, with a nonce and without',
    },
    'oidcc-scope-profile': {
      file: 'certification/flows.test.ts',
      test: 'implicit: an ID token, and with it a token for userinfo',
    },
    'oidcc-scope-email': {
      file: 'certification/flows.test.ts',
      test: 'userinfo by GET, by POST in header and body, and signed',
    },
    'oidcc-scope-address': { open: 'not in scopes_supported; the module skips itself' },
    'oidcc-scope-phone': { open: 'not in scopes_supported; the module skips itself' },
    'oidcc-scope-all': { open: 'address and phone are not in scopes_supported; the module skips itself' },
    'oidcc-alternate-happy-flow': { file: 'certification/flows.test.ts', test: 'form_post' },
    'oidcc-display-page': {
      file: 'conformance/basic.test.ts',
      test: 'parameters that are hints, or that nobody knows, do no harm',
    },
    'oidcc-display-popup': {
      file: 'conformance/basic.test.ts',
      test: 'parameters that are hints, or that nobody knows, do no harm',
    },
    'oidcc-prompt-login': { file: 'conformance/basic.test.ts', test: 'prompt=login and max_age ask again' },
    'oidcc-prompt-none-not-logged-in': {
      file: 'conformance/basic.test.ts',
      test: 'prompt=none, signed in or not',
    },
    'oidcc-prompt-none-logged-in': {
      file: 'conformance/basic.test.ts',
      test: 'prompt=none, signed in or not',
    },
    'oidcc-max-age-1': { file: 'conformance/basic.test.ts', test: 'prompt=login and max_age ask again' },
    'oidcc-max-age-10000': { file: 'conformance/basic.test.ts', test: 'prompt=login and max_age ask again' },
    'oidcc-ensure-request-with-unknown-parameter-succeeds': {
      file: 'conformance/basic.test.ts',
      test: 'parameters that are hints, or that nobody knows, do no harm',
    },
    'oidcc-id-token-hint': { file: 'conformance/basic.test.ts', test: 'id_token_hint' },
    'oidcc-login-hint': { file: 'conformance/basic.test.ts', test: 'login_hint fills the field' },
    'oidcc-ui-locales': {
      file: 'conformance/basic.test.ts',
      test: 'parameters that are hints, or that nobody knows, do no harm',
    },
    'oidcc-claims-locales': {
      file: 'conformance/basic.test.ts',
      test: 'parameters that are hints, or that nobody knows, do no harm',
    },
    'oidcc-ensure-request-with-acr-values-succeeds': {
      file: 'conformance/basic.test.ts',
      test: 'parameters that are hints, or that nobody knows, do no harm',
    },
    'oidcc-codereuse': {
      file: 'conformance/basic.test.ts',
      test: 'a code counts once, and takes its tokens with it',
    },
    'oidcc-codereuse-30seconds': {
      file: 'conformance/basic.test.ts',
      test: 'a code counts once, and takes its tokens with it',
    },
    'oidcc-ensure-registered-redirect-uri': {
      file: 'conformance/basic.test.ts',
      test: 'redirect URIs: as registered, query included',
    },
    'oidcc-ensure-post-request-succeeds': {
      file: 'certification/flows.test.ts',
      test: 'a request by POST is one by GET',
    },
    'oidcc-server-client-secret-post': {
      file: 'request-objects.test.ts',
      test: 'the secret goes where it is registered to go',
    },
    'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported': {
      file: 'certification/flows.test.ts',
      test: 'request objects by value; request_uri of strangers is not fetched',
    },
    'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported': {
      open: 'alg none is never offered; the module skips itself',
    },
    'oidcc-claims-essential': { file: 'certification/flows.test.ts', test: 'claims one by one' },
    'oidcc-ensure-request-object-with-redirect-uri': {
      file: 'certification/flows.test.ts',
      test: 'request objects by value; request_uri of strangers is not fetched',
    },
    'oidcc-refresh-token': {
      file: 'conformance/basic.test.ts',
      test: 'refresh tokens with offline_access, for their client only',
    },
    'oidcc-ensure-request-with-valid-pkce-succeeds': {
      file: 'conformance/basic.test.ts',
      test: 'PKCE of a client that brings it is checked',
    },
  },
  'oidcc-config': {
    'oidcc-discovery-endpoint-verification': {
      file: 'certification/profile.test.ts',
      test: 'what the profile adds, and nothing else',
    },
  },
  'oidcc-dynamic': {
    'oidcc-idtoken-rs256': {
      file: 'certification/flows.test.ts',
      test: 'registration under the profile: the flows and the default algorithm of the standard',
    },
    'oidcc-userinfo-rs256': {
      file: 'certification/flows.test.ts',
      test: 'userinfo by GET, by POST in header and body, and signed',
    },
    'oidcc-ensure-redirect-uri-in-authorization-request': {
      file: 'conformance/basic.test.ts',
      test: 'redirect URIs: as registered, query included',
    },
    'oidcc-redirect-uri-query-OK': {
      file: 'conformance/basic.test.ts',
      test: 'redirect URIs: as registered, query included',
    },
    'oidcc-redirect-uri-query-mismatch': {
      file: 'conformance/basic.test.ts',
      test: 'redirect URIs: as registered, query included',
    },
    'oidcc-redirect-uri-query-added': {
      file: 'conformance/basic.test.ts',
      test: 'redirect URIs: as registered, query included',
    },
    'oidcc-redirect-uri-regfrag': { open: 'no test of its own yet' },
    'oidcc-registration-logo-uri': { open: 'logos of clients are not shown' },
    'oidcc-registration-policy-uri': { open: 'not shown on the pages' },
    'oidcc-registration-tos-uri': { open: 'not shown on the pages' },
    'oidcc-registration-jwks-uri': { open: 'no test of its own yet' },
    'oidcc-registration-sector-uri': { open: 'no test of its own yet' },
    'oidcc-registration-sector-bad': { open: 'no test of its own yet' },
    'oidcc-server-rotate-keys': {
      file: 'keys.test.ts',
      test: 'the key ring turns without a request lost or a token refused',
    },
    'oidcc-refresh-token-rp-key-rotation': { open: 'no test of its own yet' },
    'oidcc-request-uri-unsigned': { open: 'alg none is never offered; the module skips itself' },
    'oidcc-request-uri-signed-rs256': {
      open: 'request_uri of strangers is not fetched (RFC 9101 section 10.4)',
    },
    'oidcc-ensure-client-assertion-with-iss-aud-succeeds': {
      file: 'fapi.test.ts',
      test: 'its assertion is for the issuer, and for nobody else',
    },
  },
  'oidcc-rp-initiated-logout': {
    'oidcc-rp-initiated-logout-discovery-endpoint-verification': {
      file: 'metadata.test.ts',
      test: 'every endpoint answers',
    },
    'oidcc-rp-initiated-logout': { file: 'logout.test.ts', test: 'signing out' },
    'oidcc-rp-initiated-logout-bad-post-logout-redirect-uri': { file: 'logout.test.ts', test: 'signing out' },
    'oidcc-rp-initiated-logout-modified-id-token-hint': { open: 'no test of its own yet' },
    'oidcc-rp-initiated-logout-no-id-token-hint': { file: 'logout.test.ts', test: 'signing out' },
    'oidcc-rp-initiated-logout-no-params': { file: 'logout.test.ts', test: 'signing out' },
    'oidcc-rp-initiated-logout-no-post-logout-redirect-uri': { open: 'no test of its own yet' },
    'oidcc-rp-initiated-logout-no-state': { open: 'no test of its own yet' },
    'oidcc-rp-initiated-logout-only-state': { open: 'no test of its own yet' },
    'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri': { open: 'no test of its own yet' },
    'oidcc-rp-initiated-logout-bad-id-token-hint': { open: 'no test of its own yet' },
  },
  'oidcc-backchannel-rp-initiated-logout': {
    'oidcc-backchannel-logout-discovery-endpoint-verification': {
      file: 'metadata.test.ts',
      test: 'only what is on',
    },
    'oidcc-backchannel-rp-initiated-logout': {
      file: 'backchannel-logout.test.ts',
      test: 'clients are told that a login ended, by a standard logout token',
    },
  },
  'oidcc-implicit': {
    'oidcc-ensure-request-without-nonce-fails': {
      file: 'certification/flows.test.ts',
      test: 'implicit: an ID token, and with it a token for userinfo',
    },
  },
  'fapi2-message-signing-final': {
    'fapi2-security-profile-final-discovery-end-point-verification': {
      file: 'metadata.test.ts',
      test: 'only what is on',
    },
    'fapi2-security-profile-final-happy-flow': {
      file: 'request-objects.test.ts',
      test: 'a client that is held to FAPI 2.0',
    },
    'fapi2-security-profile-final-user-rejects-authentication': { open: 'no test of its own yet' },
    'fapi2-security-profile-final-ensure-request-object-with-multiple-aud-succeeds': {
      file: 'fapi.test.ts',
      test: 'its request objects say from when to when they hold',
    },
    'fapi2-security-profile-final-ensure-authorization-request-without-state-success': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-authorization-request-without-nonce-success': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-authorization-request-with-64-char-nonce-success': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-other-scope-order-succeeds': { open: 'no test of its own yet' },
    'fapi2-security-profile-final-test-claims-parameter-identity-claims': { open: 'no test of its own yet' },
    'fapi2-security-profile-final-access-token-type-header-case-sensitivity': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted': {
      file: 'fapi.test.ts',
      test: 'its request objects say from when to when they hold',
    },
    'fapi2-security-profile-final-check-dpop-proof-nbf-exp': { open: 'no test of its own yet' },
    'fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-before-succeeds': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-after-succeeds': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails': { open: 'no test of its own yet' },
    'fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-jkt': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-dpopproof-at-par-endpoint-binding-success': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-dpop-auth-code-binding-success': { open: 'no test of its own yet' },
    'fapi2-security-profile-final-ensure-different-nonce-inside-and-outside-request-object': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-different-state-inside-and-outside-request-object': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-authorization-request-with-long-nonce': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-authorization-request-with-long-state': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-request-object-without-exp-fails': {
      file: 'fapi.test.ts',
      test: 'its request objects say from when to when they hold',
    },
    'fapi2-security-profile-final-ensure-request-object-without-nbf-fails': {
      file: 'fapi.test.ts',
      test: 'its request objects say from when to when they hold',
    },
    'fapi2-security-profile-final-state-only-outside-request-object-not-used': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-request-object-without-redirect-uri-fails': {
      file: 'fapi.test.ts',
      test: 'PKCE with S256, code only, nothing pushed by reference',
    },
    'fapi2-security-profile-final-ensure-expired-request-object-fails': {
      file: 'fapi.test.ts',
      test: 'its request objects say from when to when they hold',
    },
    'fapi2-security-profile-final-ensure-request-object-with-bad-aud-fails': {
      file: 'fapi.test.ts',
      test: 'its request objects say from when to when they hold',
    },
    'fapi2-security-profile-final-ensure-request-object-with-exp-over-60-fails': {
      file: 'fapi.test.ts',
      test: 'its request objects say from when to when they hold',
    },
    'fapi2-security-profile-final-ensure-request-object-with-nbf-over-60-fails': {
      file: 'fapi.test.ts',
      test: 'its request objects say from when to when they hold',
    },
    'fapi2-security-profile-final-ensure-signed-request-object-with-RS256-fails': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-request-object-signature-algorithm-is-not-none': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-request-object-with-invalid-signature-fails': {
      file: 'request-objects.test.ts',
      test: 'unsigned from a client that must sign, or by another key: refused',
    },
    'fapi2-security-profile-final-ensure-matching-key-in-authorization-request': {
      file: 'request-objects.test.ts',
      test: 'unsigned from a client that must sign, or by another key: refused',
    },
    'fapi2-security-profile-final-ensure-unsigned-request-at-par-endpoint-fails': {
      file: 'request-objects.test.ts',
      test: 'unsigned from a client that must sign, or by another key: refused',
    },
    'fapi2-security-profile-final-ensure-registered-redirect-uri': {
      file: 'fapi.test.ts',
      test: 'PKCE with S256, code only, nothing pushed by reference',
    },
    'fapi2-security-profile-final-plain-fapi-tolerate-unregistered-redirect-uri': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails': {
      file: 'request-objects.test.ts',
      test: 'a client that is held to FAPI 2.0',
    },
    'fapi2-security-profile-final-ensure-redirect-uri-in-authorization-request': {
      file: 'fapi.test.ts',
      test: 'PKCE with S256, code only, nothing pushed by reference',
    },
    'fapi2-security-profile-final-ensure-response-type-code-idtoken-fails': {
      file: 'fapi.test.ts',
      test: 'PKCE with S256, code only, nothing pushed by reference',
    },
    'fapi2-security-profile-final-ensure-response-type-token-fails': {
      file: 'fapi.test.ts',
      test: 'PKCE with S256, code only, nothing pushed by reference',
    },
    'fapi2-security-profile-final-ensure-client-id-in-token-endpoint': { open: 'no test of its own yet' },
    'fapi2-security-profile-final-ensure-holder-of-key-required': {
      file: 'request-objects.test.ts',
      test: 'a client that is held to FAPI 2.0',
    },
    'fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-attempt-reuse-authorization-code-after-one-second': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-token-endpoint-fails-with-expired-auth-code': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-signed-client-assertion-with-RS256-fails': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-client-assertion-in-token-endpoint': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-ensure-client-assertion-with-exp-is-5-minutes-in-past-fails': {
      file: 'fapi.test.ts',
      test: 'its assertion is for the issuer, and for nobody else',
    },
    'fapi2-security-profile-final-ensure-client-assertion-with-wrong-aud-fails': {
      file: 'fapi.test.ts',
      test: 'its assertion is for the issuer, and for nobody else',
    },
    'fapi2-security-profile-final-ensure-client-assertion-with-no-sub-fails': {
      file: 'fapi.test.ts',
      test: 'its assertion is for the issuer, and for nobody else',
    },
    'fapi2-security-profile-final-dpop-negative-tests': { file: 'dpop.test.ts', test: 'a proof counts once' },
    'fapi2-security-profile-final-refresh-token': {
      file: 'refresh-grace.test.ts',
      test: 'another client does not',
    },
    'fapi2-security-profile-final-ensure-server-handles-non-matching-intent-id': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-test-essential-acr-sca-claim': { open: 'no test of its own yet' },
    'fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds': {
      open: 'no test of its own yet',
    },
    'fapi2-security-profile-final-par-attempt-reuse-request_uri': {
      file: 'code-flow.test.ts',
      test: 'pushed requests',
    },
    'fapi2-security-profile-final-par-attempt-to-use-expired-request_uri': {
      file: 'code-flow.test.ts',
      test: 'pushed requests',
    },
    'fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted': {
      file: 'fapi.test.ts',
      test: 'its assertion is for the issuer, and for nobody else',
    },
    'fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails': {
      file: 'fapi.test.ts',
      test: 'its assertion is for the issuer, and for nobody else',
    },
    'fapi2-security-profile-final-par-attempt-to-use-request_uri-for-different-client': {
      file: 'code-flow.test.ts',
      test: 'pushed requests',
    },
    'fapi2-security-profile-final-par-authorization-request-containing-request_uri-form-param': {
      file: 'fapi.test.ts',
      test: 'PKCE with S256, code only, nothing pushed by reference',
    },
    'fapi2-security-profile-final-par-attempt-invalid-http-method': { open: 'no test of its own yet' },
    'fapi2-security-profile-final-par-ensure-pkce-required': {
      file: 'fapi.test.ts',
      test: 'PKCE with S256, code only, nothing pushed by reference',
    },
    'fapi2-security-profile-final-ensure-pkce-code-verifier-required': {
      file: 'pkce.test.ts',
      test: 'the verifier must be the one of the challenge',
    },
    'fapi2-security-profile-final-incorrect-pkce-code-verifier-rejected': {
      file: 'pkce.test.ts',
      test: 'the verifier must be the one of the challenge',
    },
    'fapi2-security-profile-final-par-plain-pkce-rejected': {
      file: 'fapi.test.ts',
      test: 'PKCE with S256, code only, nothing pushed by reference',
    },
    'fapi2-security-profile-final-par-authorization-request-containing-request_uri': {
      file: 'fapi.test.ts',
      test: 'PKCE with S256, code only, nothing pushed by reference',
    },
    'fapi2-security-profile-final-par-without-duplicate-parameters': { open: 'no test of its own yet' },
    'fapi2-security-profile-final-par-test-array-as-audience-fails': {
      file: 'fapi.test.ts',
      test: 'its assertion is for the issuer, and for nobody else',
    },
    'fapi2-security-profile-final-par-test-par-endpoint-url-as-audience-fails': {
      file: 'fapi.test.ts',
      test: 'its assertion is for the issuer, and for nobody else',
    },
    'fapi2-security-profile-final-par-test-token-endpoint-url-as-audience-fails': {
      file: 'fapi.test.ts',
      test: 'its assertion is for the issuer, and for nobody else',
    },
  },
}
