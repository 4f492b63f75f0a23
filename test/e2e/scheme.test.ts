import * as oidc from 'openid-client'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { boundTokens } from '../idp/bound-tokens.ts'
import { keyedClient, withClientsConfig } from '../idp/keyed-client.ts'

t.test('the scheme of a token counts in any case (RFC 9110 section 11.1)', async (t) => {
  const client = await keyedClient('bank', { profile: 'fapi2' })
  const platform = await startPlatform({ t, config: withClientsConfig([client]) })
  const { issuer } = platform.config
  const configuration = await oidc.discovery(
    new URL(issuer),
    client.id,
    { id_token_signed_response_alg: 'ES256' },
    oidc.PrivateKeyJwt({ key: client.privateKey, kid: 'bank-1' }),
    { execute: [oidc.allowInsecureRequests] },
  )
  const DPoP = oidc.getDPoPHandle(configuration, await oidc.randomDPoPKeyPair('ES256'))
  const tokenFor = async (scope: string): Promise<string> => {
    const wish = { DPoP, redirectUri: 'https://bank.example/cb', scope }
    return (await boundTokens(platform, configuration, wish)).access_token
  }
  /** Its answer to a token of this scheme, with a good proof. */
  const ask = async (url: string, token: string, scheme: string): Promise<number> => {
    configuration[oidc.customFetch] = (target, options) => {
      const headers = new Headers(options.headers)
      headers.set('authorization', `${scheme} ${token}`)
      return fetch(target, { method: options.method, headers, redirect: 'manual' })
    }
    try {
      const answer = await oidc.fetchProtectedResource(
        configuration,
        token,
        new URL(url),
        'GET',
        null,
        undefined,
        {
          DPoP,
        },
      )
      return answer.status
    } catch (error) {
      if (error instanceof oidc.WWWAuthenticateChallengeError) return error.status
      throw error
    }
  }
  const url = `${platform.url('gateway')}/api/orders`
  const token = await tokenFor('orders:read')
  for (const scheme of ['DPoP', 'dpop', 'DPOP', 'dpOp']) t.equal(await ask(url, token, scheme), 200, scheme)
  for (const scheme of ['Bearer', 'bEARER', 'DPoPs'])
    t.equal(await ask(url, token, scheme), 401, `${scheme}: another scheme is another scheme`)
})
