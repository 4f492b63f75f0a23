import t from 'tap'
import { inEachSetting } from './setting.ts'

/** Always, whatever is configured. */
const base = [
  'acr_values_supported',
  'authorization_endpoint',
  'authorization_response_iss_parameter_supported',
  'authorization_signing_alg_values_supported',
  'backchannel_logout_session_supported',
  'backchannel_logout_supported',
  'claim_types_supported',
  'claims_parameter_supported',
  'claims_supported',
  'code_challenge_methods_supported',
  'device_authorization_endpoint',
  'dpop_signing_alg_values_supported',
  'end_session_endpoint',
  'grant_types_supported',
  'id_token_signing_alg_values_supported',
  'introspection_endpoint',
  'introspection_endpoint_auth_methods_supported',
  'introspection_endpoint_auth_signing_alg_values_supported',
  'introspection_signing_alg_values_supported',
  'issuer',
  'jwks_uri',
  'prompt_values_supported',
  'pushed_authorization_request_endpoint',
  'request_object_signing_alg_values_supported',
  'request_parameter_supported',
  'request_uri_parameter_supported',
  'response_modes_supported',
  'response_types_supported',
  'revocation_endpoint',
  'revocation_endpoint_auth_methods_supported',
  'revocation_endpoint_auth_signing_alg_values_supported',
  'scopes_supported',
  'subject_types_supported',
  'token_endpoint',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'ui_locales_supported',
  'userinfo_endpoint',
  'userinfo_signing_alg_values_supported',
]
const ciba = [
  'backchannel_authentication_endpoint',
  'backchannel_authentication_request_signing_alg_values_supported',
  'backchannel_token_delivery_modes_supported',
  'backchannel_user_code_parameter_supported',
]
const more: Readonly<Record<string, readonly string[]>> = {
  'as it comes': [],
  'all that can be switched on': [
    ...ciba,
    'authorization_details_types_supported',
    'client_id_metadata_document_supported',
    'tls_client_certificate_bound_access_tokens',
  ],
  'profile certification': [...ciba, 'require_request_uri_registration'],
}

/** Each is looked into by another test of this folder, or beside it: what is new here needs one. */
const expected = (name: string) => [...base, ...(more[name] ?? [])].toSorted()

t.test('the metadata have these members and no others', (t) =>
  inEachSetting(
    t,
    async (t, { metadata, issuer }) => {
      t.same(Object.keys(metadata).toSorted(), expected(t.name))
      const other = await fetch(`${issuer}/.well-known/oauth-authorization-server`)
      t.same(await other.json(), metadata, 'RFC 8414 and OpenID Connect Discovery tell the same')
    },
    {},
  ),
)

t.test('with registration one more', (t) =>
  inEachSetting(t, async (t, { metadata }) => {
    t.same(Object.keys(metadata).toSorted(), [...expected(t.name), 'registration_endpoint'].toSorted())
  }),
)

t.test('endpoints are where they are said to be', (t) =>
  inEachSetting(t, async (t, { metadata }) => {
    for (const [name, url] of Object.entries(metadata)) {
      if (!/_(endpoint|uri)$/.test(name)) continue
      const statusOf = async (method: string) => {
        const { status, body } = await fetch(String(url), { method, redirect: 'manual' })
        await body?.cancel()
        return status
      }
      const statuses = [await statusOf('GET'), await statusOf('POST')]
      t.ok(
        statuses.some((status) => status !== 404),
        `${name}: ${statuses.join()}`,
      )
    }
  }),
)
