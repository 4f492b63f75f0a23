import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { clientAssertionOf, keyedClient, withClientsConfig } from './keyed-client.ts'
import { outcome } from './native.ts'

t.test('however many ask at once, five requests wait for a person', async (t) => {
  const client = await keyedClient('teller', {
    grant_types: ['urn:openid:params:grant-type:ciba'],
    backchannel_token_delivery_mode: 'poll',
    redirect_uris: undefined,
  })
  const platform = await startPlatform({
    only: ['idp'],
    t,
    config: withClientsConfig([client], { ciba: { enabled: true } }),
  })
  const { issuer } = platform.config
  const ask = async (): Promise<string> => {
    const proof = await clientAssertionOf(client, issuer)
    const body = new URLSearchParams({ scope: 'openid', login_hint: 'alice', ...proof })
    return outcome(await fetch(`${issuer}/oauth/backchannel`, { method: 'POST', body }))
  }
  const outcomes = await Promise.all(Array.from({ length: 20 }, ask))
  t.equal(outcomes.filter((one) => one === '200').length, 5, outcomes.join())
  t.equal(outcomes.filter((one) => one === '403 access_denied').length, 15)
})
