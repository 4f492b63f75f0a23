import type { Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { authorize, authorizeUrl, newPkce, tokenRequest } from './native.ts'

const client_id = 'pair'
const redirect_uri = 'https://pair.example/cb'
const scope = 'openid orders:read'

/** A client that knows people by a name that is its own: an entry of `idp.clients`. */
export const pairwiseClient = {
  entry: {
    client_id,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    redirect_uris: [redirect_uri],
    scope,
    subject_type: 'pairwise',
  },
}

/** Its access token for somebody, by default alice. */
export async function pairwiseToken(
  platform: Platform,
  who: { readonly username?: string; readonly password?: string } = {},
): Promise<string> {
  const { issuer } = platform.config
  const pkce = newPkce()
  const url = authorizeUrl(issuer, pkce, { client_id, redirect_uri, scope })
  const { callback } = await authorize(platform, url, who)
  const answer = await tokenRequest(issuer, {
    grant_type: 'authorization_code',
    client_id,
    redirect_uri,
    code: callback.searchParams.get('code') ?? callback.href,
    code_verifier: pkce.verifier,
  })
  return textField(await answer.json(), 'access_token')
}
