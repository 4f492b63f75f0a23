import type { Table } from './counterpart.ts'

/**
 * The same for FAPI 2.0; see table-connect.ts. The Security Profile's plan has the same modules but for those that need a
 * signed request.
 */
export const fapi: Table = {
  'fapi2-message-signing-final': {
    'fapi2-security-profile-final-discovery-end-point-verification': {
      file: 'metadata.test.ts',
      test: 'only what is on',
    },
    'fapi2-security-profile-final-happy-flow': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'with and without state and nonce, long ones, scopes in any order',
    },
    'fapi2-security-profile-final-user-rejects-authentication': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'a person who does not want to',
    },
    'fapi2-security-profile-final-ensure-request-object-with-multiple-aud-succeeds': {
      file: 'fapi.test.ts',
      test: 'its request objects say from when to when they hold',
    },
    'fapi2-security-profile-final-ensure-authorization-request-without-state-success': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'with and without state and nonce, long ones, scopes in any order',
    },
    'fapi2-security-profile-final-ensure-authorization-request-without-nonce-success': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'with and without state and nonce, long ones, scopes in any order',
    },
    'fapi2-security-profile-final-ensure-authorization-request-with-64-char-nonce-success': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'with and without state and nonce, long ones, scopes in any order',
    },
    'fapi2-security-profile-final-ensure-other-scope-order-succeeds': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'with and without state and nonce, long ones, scopes in any order',
    },
    'fapi2-security-profile-final-test-claims-parameter-identity-claims': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'claims that are asked for by name, and an acr that cannot be had',
    },
    'fapi2-security-profile-final-access-token-type-header-case-sensitivity': {
      file: 'conformance/fapi-certificates.test.ts',
      test: 'a scheme is called what it is called, in any case',
    },
    'fapi2-security-profile-final-ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted': {
      file: 'fapi.test.ts',
      test: 'its request objects say from when to when they hold',
    },
    'fapi2-security-profile-final-check-dpop-proof-nbf-exp': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'proofs a little early, a little late, and with times of their own',
    },
    'fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-before-succeeds': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'proofs a little early, a little late, and with times of their own',
    },
    'fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-after-succeeds': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'proofs a little early, a little late, and with times of their own',
    },
    'fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'the key that a request names is the key that redeems',
    },
    'fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'a code is for its client, and for the key that was pushed with it',
    },
    'fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-jkt': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'the key that a request names is the key that redeems',
    },
    'fapi2-security-profile-final-ensure-dpopproof-at-par-endpoint-binding-success': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'a code is for its client, and for the key that was pushed with it',
    },
    'fapi2-security-profile-final-ensure-dpop-auth-code-binding-success': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'the key that a request names is the key that redeems',
    },
    'fapi2-security-profile-final-ensure-different-nonce-inside-and-outside-request-object': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'a request object is the whole request: what stands beside it counts for nothing',
    },
    'fapi2-security-profile-final-ensure-different-state-inside-and-outside-request-object': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'a request object is the whole request: what stands beside it counts for nothing',
    },
    'fapi2-security-profile-final-ensure-authorization-request-with-long-nonce': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'with and without state and nonce, long ones, scopes in any order',
    },
    'fapi2-security-profile-final-ensure-authorization-request-with-long-state': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'with and without state and nonce, long ones, scopes in any order',
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
      file: 'conformance/fapi-refusals.test.ts',
      test: 'a request object is the whole request: what stands beside it counts for nothing',
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
      file: 'conformance/fapi-refusals.test.ts',
      test: 'request objects and assertions by other algorithms',
    },
    'fapi2-security-profile-final-ensure-request-object-signature-algorithm-is-not-none': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'request objects and assertions by other algorithms',
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
      file: 'fapi.test.ts',
      test: 'PKCE with S256, code only, nothing pushed by reference',
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
    'fapi2-security-profile-final-ensure-client-id-in-token-endpoint': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'a client proves itself at the token endpoint, and as itself',
    },
    'fapi2-security-profile-final-ensure-holder-of-key-required': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'no token without a key of its own',
    },
    'fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'a code is for its client, and for the key that was pushed with it',
    },
    'fapi2-security-profile-final-attempt-reuse-authorization-code-after-one-second': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'a code that is used again a second later takes its tokens with it',
    },
    'fapi2-security-profile-final-ensure-token-endpoint-fails-with-expired-auth-code': {
      file: 'conformance/fapi-flow.test.ts',
      test: 'a code that is too old',
    },
    'fapi2-security-profile-final-ensure-signed-client-assertion-with-RS256-fails': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'request objects and assertions by other algorithms',
    },
    'fapi2-security-profile-final-ensure-client-assertion-in-token-endpoint': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'a client proves itself at the token endpoint, and as itself',
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
      file: 'conformance/fapi-refresh.test.ts',
      test: 'stays as it is, however often and late it is used, whatever the key of the proof',
    },
    'fapi2-security-profile-final-test-essential-acr-sca-claim': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'claims that are asked for by name, and an acr that cannot be had',
    },
    'fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'a page can be opened again until somebody has signed in',
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
    'fapi2-security-profile-final-par-attempt-invalid-http-method': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'what is pushed comes by POST',
    },
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
    'fapi2-security-profile-final-par-without-duplicate-parameters': {
      file: 'conformance/fapi-refusals.test.ts',
      test: 'a request object is the whole request: what stands beside it counts for nothing',
    },
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
