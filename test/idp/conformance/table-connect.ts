import type { Table } from './counterpart.ts'

/**
 * Modules of the OpenID Foundation's certification plans by the names that its conformance suite gives them, each under the
 * first plan that has it. The form-post plans are the others with `response_mode=form_post`; the FAPI 2.0 Security Profile is a
 * subset of Message Signing; national profiles are left out. Files are below test/idp.
 */
export const connect: Table = {
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
      file: 'personal-claims.test.ts',
      test: 'what is known of a person goes out by scope, and to nobody else',
    },
    'oidcc-scope-email': {
      file: 'personal-claims.test.ts',
      test: 'what is known of a person goes out by scope, and to nobody else',
    },
    'oidcc-scope-address': {
      file: 'personal-claims.test.ts',
      test: 'what is known of a person goes out by scope, and to nobody else',
    },
    'oidcc-scope-phone': {
      file: 'personal-claims.test.ts',
      test: 'what is known of a person goes out by scope, and to nobody else',
    },
    'oidcc-scope-all': {
      file: 'personal-claims.test.ts',
      test: 'what is known of a person goes out by scope, and to nobody else',
    },
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
    'oidcc-redirect-uri-regfrag': {
      file: 'conformance/registration.test.ts',
      test: 'redirect URIs with a fragment are refused',
    },
    'oidcc-registration-logo-uri': {
      file: 'client-links.test.ts',
      test: 'logo_uri of a client that registered itself is shown',
    },
    'oidcc-registration-policy-uri': {
      file: 'client-links.test.ts',
      test: 'policy_uri and tos_uri of a client that registered itself are shown',
    },
    'oidcc-registration-tos-uri': {
      file: 'client-links.test.ts',
      test: 'policy_uri and tos_uri of a client that registered itself are shown',
    },
    'oidcc-registration-jwks-uri': {
      file: 'conformance/registration.test.ts',
      test: 'keys that a client keeps itself are fetched, and fetched again when it has others',
    },
    'oidcc-registration-sector-uri': {
      file: 'conformance/registration.test.ts',
      test: 'a sector is what its document says: every redirect URI must be in it',
    },
    'oidcc-registration-sector-bad': {
      file: 'conformance/registration.test.ts',
      test: 'a sector is what its document says: every redirect URI must be in it',
    },
    'oidcc-server-rotate-keys': {
      file: 'keys.test.ts',
      test: 'the key ring turns without a request lost or a token refused',
    },
    'oidcc-refresh-token-rp-key-rotation': {
      file: 'conformance/registration.test.ts',
      test: 'keys that a client keeps itself are fetched, and fetched again when it has others',
    },
    'oidcc-request-uri-unsigned': { open: 'alg none is never offered; the module skips itself' },
    'oidcc-request-uri-signed-rs256': {
      file: 'certification/by-reference.test.ts',
      test: 'it is read and counts',
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
    'oidcc-rp-initiated-logout-modified-id-token-hint': {
      file: 'conformance/logout.test.ts',
      test: 'a hint that is not ours, and a place that is not registered',
    },
    'oidcc-rp-initiated-logout-no-id-token-hint': {
      file: 'conformance/logout.test.ts',
      test: 'without state, without a place to go, without anything',
    },
    'oidcc-rp-initiated-logout-no-params': {
      file: 'conformance/logout.test.ts',
      test: 'without state, without a place to go, without anything',
    },
    'oidcc-rp-initiated-logout-no-post-logout-redirect-uri': {
      file: 'conformance/logout.test.ts',
      test: 'without state, without a place to go, without anything',
    },
    'oidcc-rp-initiated-logout-no-state': {
      file: 'conformance/logout.test.ts',
      test: 'without state, without a place to go, without anything',
    },
    'oidcc-rp-initiated-logout-only-state': {
      file: 'conformance/logout.test.ts',
      test: 'without state, without a place to go, without anything',
    },
    'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri': {
      file: 'conformance/logout.test.ts',
      test: 'a hint that is not ours, and a place that is not registered',
    },
    'oidcc-rp-initiated-logout-bad-id-token-hint': {
      file: 'conformance/logout.test.ts',
      test: 'a hint that is not ours, and a place that is not registered',
    },
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
}
