import { generateKeyPair } from 'jose'
import t from 'tap'
import { isRecord, startPlatform } from '../../harness/index.ts'
import { textField } from '../../harness/json.ts'
import { dpopProof } from '../../gateway/bound-token.ts'
import { clientAssertionOf, keyedClient, withClientsConfig } from '../keyed-client.ts'
import { authorize, newPkce, outcome, tokenRequest } from '../native.ts'

/** Named after fapi2-security-profile-final-refresh-token. */
t.test('a refresh token under FAPI 2.0', async (t) => {
  const [client, other] = [
    await keyedClient('bank', { profile: 'fapi2' }),
    await keyedClient('other-bank', { profile: 'fapi2' }),
  ]
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client, other]) })
  const { issuer } = platform.config
  const proofAt = async (path: string) =>
    dpopProof(await generateKeyPair('ES256'), { htm: 'POST', htu: issuer + path })
  const ask = async (params: Readonly<Record<string, string>>, path = '/oauth/token') =>
    fetch(issuer + path, {
      method: 'POST',
      headers: { dpop: await proofAt(path) },
      body: new URLSearchParams(params),
    })

  const { verifier, challenge } = newPkce()
  const redirect_uri = 'https://bank.example/cb'
  const pushed: unknown = await (
    await fetch(`${issuer}/oauth/par`, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: client.id,
        response_type: 'code',
        redirect_uri,
        scope: 'openid',
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ...(await clientAssertionOf(client, issuer)),
      }),
    })
  ).json()
  const url = new URL('/oauth/authorize', issuer)
  url.searchParams.set('client_id', client.id)
  url.searchParams.set('request_uri', textField(pushed, 'request_uri'))
  const { callback } = await authorize(platform, url)
  const code = callback.searchParams.get('code') ?? ''
  const form = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier }
  const first: unknown = await (await ask({ ...form, ...(await clientAssertionOf(client, issuer)) })).json()
  const again = { grant_type: 'refresh_token', refresh_token: textField(first, 'refresh_token') }

  await t.test(
    'stays as it is, however often and late it is used, whatever the key of the proof',
    async (t) => {
      for (let time = 0; time < 3; time++) {
        platform.clock.advance(31_000)
        const answer = await ask({ ...again, ...(await clientAssertionOf(client, issuer)) })
        t.equal(answer.status, 200)
        const body: unknown = await answer.json()
        t.equal(textField(body, 'refresh_token'), again.refresh_token)
        t.ok(isRecord(body) && body['access_token'])
      }
    },
  )
  await t.test('is worth nothing without its client, and without a proof', async (t) => {
    t.equal(await outcome(await ask({ ...again, client_id: client.id })), '401 invalid_client')
    const foreign = await ask({ ...again, ...(await clientAssertionOf(other, issuer)) })
    t.equal(await outcome(foreign), '400 invalid_grant')
    const unproven = await tokenRequest(issuer, { ...again, ...(await clientAssertionOf(client, issuer)) })
    t.equal(await outcome(unproven), '400 invalid_grant')
  })
})
